using System.CommandLine;
using System.Text;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis secret set|list|rotate|bind|delete</c>. A value comes from stdin or a file, never from
/// the command line, which other users of the machine can read.</summary>
internal static class SecretCommand
{
    public const int ValueBytesMax = 64 * 1024;

    private static readonly Argument<string> Name = new("NAME") { Description = "The secret's name." };

    private static readonly Argument<string?> RotatedName = new("NAME")
    {
        Description = "The secret's name; none with --data-key and --master-key.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string[]> Hosts = new("HOST")
    {
        Description = "host, *.host or an IPv4 address, each with or without :port.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> NoHost = new("--none")
    {
        Description = "Bind it to no host: it goes wherever a step names it, and nowhere else.",
    };

    private static readonly Option<string?> Overlap = new("--overlap")
    {
        Description = "How long the version before stays valid, such as 24h. Default: it ends at once.",
        HelpName = "DURATION",
    };

    private static readonly Option<bool> DataKey = new("--data-key")
    {
        Description = "Make the tenant a new data key and seal all its secrets anew.",
    };

    private static readonly Option<bool> MasterKey = new("--master-key")
    {
        Description = "Make the installation a new master key; for its operator.",
    };

    private static readonly Option<string?> File = new("--file")
    {
        Description = "Read the value from a file; else from stdin, whose last line break is left out.",
        HelpName = "FILE",
    };

    public static Command Build(CommandDesk desk) => new("secret", "The project's secrets.")
    {
        desk.Online(new Verb("set", "Store a value.",
            "aegis secret set GITHUB_TOKEN --file token.txt",
            "printf %s \"$TOKEN\" | aegis secret set GITHUB_TOKEN") { Name, File }, async (client, parsed,
                cancel) => Show(desk, parsed, await client.SetSecretAsync(
                    parsed.GetRequiredValue(Name), await ValueAsync(desk, parsed, cancel), cancel))),
        desk.Online(new Verb("list", "List names and fingerprints.",
            "aegis secret list"), async (client, parsed, cancel) =>
                List(desk, parsed, await client.ListSecretsAsync(cancel))),
        desk.Online(new Verb("rotate", "Store a new value beside the old one, or change the keys.",
            "aegis secret rotate GITHUB_TOKEN --overlap 24h --file new.txt",
            "aegis secret rotate --data-key",
            "aegis secret rotate --master-key") { RotatedName, Overlap, File, DataKey, MasterKey },
            (client, parsed, cancel) => RotateAsync(desk, client, parsed, cancel)),
        desk.Online(new Verb("bind", "Say to which hosts a secret may be sent.",
            "aegis secret bind GITHUB_TOKEN api.github.com github.com",
            "aegis secret bind GITHUB_TOKEN --none") { Name, Hosts, NoHost },
            (client, parsed, cancel) => BindAsync(desk, client, parsed, cancel)),
        desk.Online(new Verb("delete", "Delete a secret.",
            "aegis secret delete GITHUB_TOKEN") { Name }, async (client, parsed, cancel) =>
        {
            await client.DeleteSecretAsync(parsed.GetRequiredValue(Name), cancel);
            return ExitCode.Ok;
        }),
    };

    private static async Task<int> RotateAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var (name, data, master) = (parsed.GetValue(RotatedName), parsed.GetValue(DataKey),
            parsed.GetValue(MasterKey));
        if ((name is null ? 0 : 1) + (data ? 1 : 0) + (master ? 1 : 0) != 1)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7001",
                "one of NAME, --data-key and --master-key says what to rotate", "give exactly one of them");
        }
        if (name is not null)
        {
            return Show(desk, parsed, await client.RotateSecretAsync(name,
                await ValueAsync(desk, parsed, cancel), parsed.GetValue(Overlap), cancel));
        }
        if (data)
        {
            var made = await client.RotateDataKeyAsync(cancel);
            return desk.Write(parsed, made, ClientJson.Default.DataKey,
                $"data key {made.KeyVersion}, {made.Resealed} sealed anew");
        }
        var changed = await client.RotateMasterKeyAsync(cancel);
        return desk.Write(parsed, changed, ClientJson.Default.MasterKey, $"master key {changed.Generation}");
    }

    private static async Task<int> BindAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var hosts = parsed.GetValue(Hosts) ?? [];
        if ((hosts.Length == 0) != parsed.GetValue(NoHost))
        {
            throw new CliException(ExitCode.Usage, "AEGIS7001",
                "either hosts or --none says where the secret may be sent", "give one of the two");
        }
        return Show(desk, parsed, await client.BindSecretAsync(
            parsed.GetRequiredValue(Name), hosts, cancel));
    }

    private static int Show(CommandDesk desk, ParseResult parsed, Secret stored)
    {
        var hosts = stored.Hosts.Count == 0 ? "" : $", bound to {string.Join(' ', stored.Hosts)}";
        var until = stored.PreviousUntil is { } time
            ? $", the one before is valid until {time:yyyy-MM-dd HH:mm:ss}" : "";
        return desk.Write(parsed, stored, ClientJson.Default.Secret,
            $"{stored.Name} version {stored.Version}, {stored.Fingerprint}{hosts}{until}");
    }

    private static int List(CommandDesk desk, ParseResult parsed, Listing<Secret> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingSecret);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["NAME", "VERSION", "FINGERPRINT", "UPDATED", "HOSTS"],
            found.Items.Select(s => new[]
            {
                s.Name, $"{s.Version}", s.Fingerprint, $"{s.UpdatedAt:yyyy-MM-dd HH:mm:ss}",
                string.Join(' ', s.Hosts),
            }));
        return ExitCode.Ok;
    }

    private static async Task<string> ValueAsync(
        CommandDesk desk, ParseResult parsed, CancellationToken cancel) =>
        parsed.GetValue(File) is { } path
            ? Files.ReadText(path, ValueBytesMax)
            : await ReadAsync(desk.Terminal.In, cancel);

    private static async Task<string> ReadAsync(TextReader input, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        for (int read; text.Length <= ValueBytesMax && (read = await input.ReadAsync(buffer, cancel)) > 0;)
        {
            text.Append(buffer, 0, read);
        }
        // who types a value, or echoes it, ends the line without meaning it
        var value = text.ToString();
        return value.EndsWith("\r\n", StringComparison.Ordinal) ? value[..^2]
            : value.EndsWith('\n') ? value[..^1] : value;
    }
}
