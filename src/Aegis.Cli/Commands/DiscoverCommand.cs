using System.CommandLine;
using Aegis.Cli.Machine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis discover</c>: the programs and the servers of models on this machine, or on the
/// server's.</summary>
internal static class DiscoverCommand
{
    private static readonly string[] Kinds = ["tool", "model_backend", "agent", "server"];

    private static readonly Option<string?> Kind = new("--kind")
    {
        Description = "Only those: tool, model_backend, agent or server.", HelpName = "KIND",
    };

    private static readonly Option<bool> OnServer =
        new("--server") { Description = "On the server's machine; for the installation's operator." };

    public static Command Build(CommandDesk desk)
    {
        Kind.AcceptOnlyFromAmong(Kinds);
        var verb = new Verb("discover",
            "Say which programs are installed, and which servers of models run; needs no server.",
            "aegis discover",
            "aegis discover --kind agent",
            "aegis discover --server --json") { Kind, OnServer };
        verb.SetAction(async (parsed, cancel) =>
        {
            var found = parsed.GetValue(OnServer)
                ? await RemoteAsync(desk, cancel)
                : await ThisMachine.LookAsync(desk.Terminal.Environment, cancel);
            var shown = Only(found, parsed.GetValue(Kind));
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(shown, ClientJson.Default.MachineDiscovery);
            }
            else
            {
                DiscoveryPage.Write(desk.Terminal, shown);
            }
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<MachineDiscovery> RemoteAsync(CommandDesk desk, CancellationToken cancel)
    {
        using var client = desk.Connect().Open();
        return await client.DiscoverAsync(cancel);
    }

    private static MachineDiscovery Only(MachineDiscovery found, string? kind) => kind switch
    {
        null => found,
        "server" => found with { Programs = [], Missing = [] },
        _ => found with
        {
            Programs = [.. found.Programs.Where(p => p.Kind == kind)], Missing = [], Servers = [],
            ProfileSnippet = "",
        },
    };
}
