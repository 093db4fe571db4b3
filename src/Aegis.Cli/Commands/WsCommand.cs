using System.CommandLine;
using System.Net;
using Aegis.Cli.Terminals;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis ws start</c> and <c>aegis devices</c>: pairing, and what was paired.</summary>
internal static class WsCommand
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    private static readonly Option<int> Port =
        new("--port") { Description = "To listen on; 0 takes a free one.", DefaultValueFactory = _ => 8765 };

    private static readonly Option<string> Bind = new("--bind")
    {
        Description = "Address to listen on; anything but loopback needs TLS or sealed connections.",
        DefaultValueFactory = _ => "127.0.0.1",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> Token = new("--token")
    {
        Description = "What a device must show to begin pairing; made where left out.",
        HelpName = "TEXT",
    };

    private static readonly Option<string[]> Scope = new("--scope")
    {
        Description = "What devices may do, of your own scopes; all where left out.",
        HelpName = "SCOPE",
    };

    private static readonly Argument<string> Id = new("DEVICE") { Description = "As devices list shows it." };

    public static Command Ws(CommandDesk desk) => new("ws", "The WebSocket for devices.")
    {
        desk.Online(new Verb("start", "Open a port on which devices are paired and connect.",
            "aegis ws start --port 8765 --token devtoken") { Port, Bind, Token, Scope },
            (client, parsed, cancel) => StartAsync(desk, client, parsed, cancel)),
    };

    public static Command Devices(CommandDesk desk) => new("devices", "Paired devices.")
    {
        desk.Online(new Verb("list", "List paired devices.", "aegis devices list"),
            async (client, parsed, cancel) => Listed(desk, parsed, await client.ListDevicesAsync(cancel))),
        desk.Online(new Verb("revoke", "End a device's key.",
            "aegis devices revoke dev_5f0c2a9e81b7d364ca10") { Id }, async (client, parsed, cancel) =>
        {
            await client.RevokeDeviceAsync(parsed.GetRequiredValue(Id), cancel);
            return ExitCode.Ok;
        }),
    };

    private static async Task<int> StartAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        if (!IPAddress.TryParse(parsed.GetValue(Bind), out var address))
        {
            throw new CliException(
                ExitCode.Usage, "AEGIS7001", "--bind is no IP address", "such as 127.0.0.1");
        }
        var offer = await client.OfferPairingAsync(new OfferPairing(parsed.GetValue(Token),
            parsed.GetValue(Scope) is { Length: > 0 } scopes ? scopes : null,
            (long)TimeSpan.FromHours(24).TotalMilliseconds), cancel);
        try
        {
            using var relay = new PairingRelay(client.Server, offer.Token, offer.Credential);
            relay.Listen(address, parsed.GetValue(Port));
            Say(desk, parsed, relay, address, offer);
            await await Task.WhenAny(relay.RunAsync(cancel), ShowCodesAsync(desk, client, offer, cancel));
            return ExitCode.Ok;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Ok;
        }
        finally
        {
            await client.EndPairingAsync(offer.OfferId, CancellationToken.None);
        }
    }

    private static void Say(CommandDesk desk, ParseResult parsed, PairingRelay relay, IPAddress address,
        PairingOffer offer)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(offer, ClientJson.Default.PairingOffer);
            return;
        }
        desk.Terminal.Out.WriteLine($"ws://{address}:{relay.Port}  token {offer.Token}");
        desk.Terminal.Out.WriteLine($"server key {offer.ServerKey}");
        desk.Terminal.Out.WriteLine("codes appear here; Ctrl-C ends the offer");
    }

    private static async Task ShowCodesAsync(
        CommandDesk desk, AegisClient client, PairingOffer offer, CancellationToken cancel)
    {
        var shown = new HashSet<string>();
        using var beat = new PeriodicTimer(LookAgain);
        while (await beat.WaitForNextTickAsync(cancel))
        {
            var now = await client.GetPairingAsync(offer.OfferId, cancel);
            foreach (var asked in now.Pairings.Reverse())
            {
                if (asked.Code is { } code && shown.Add(asked.PairingId))
                {
                    desk.Terminal.Out.WriteLine(
                        Terminal.Visible($"{asked.Device} {asked.Name} wants to pair: code {code}"));
                }
                if (asked.Confirmed && shown.Add(asked.PairingId + " paired"))
                {
                    desk.Terminal.Out.WriteLine(Terminal.Visible($"{asked.Device} {asked.Name} is paired"));
                }
            }
            if (now.Locked)
            {
                throw new CliException(ExitCode.Denied, "AEGIS6301",
                    "five wrong codes: the offer is void", "start again, and ask who tried");
            }
        }
    }

    private static int Listed(CommandDesk desk, ParseResult parsed, Listing<Device> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingDevice);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["DEVICE", "KIND", "NAME", "PAIRED", "REVOKED"], found.Items.Select(d => new[]
        {
            d.DeviceId, d.Kind, d.Name, $"{d.PairedAt:yyyy-MM-dd HH:mm:ss}",
            d.RevokedAt is { } at ? $"{at:yyyy-MM-dd HH:mm:ss}" : "",
        }));
        return ExitCode.Ok;
    }
}
