using Aegis.Client;
using Aegis.Core.Discovery;
using Aegis.Discovery;
using Aegis.Discovery.Servers;
using Aegis.Processes;

namespace Aegis.Cli.Machine;

/// <summary>Looks at the machine that the command line runs on, in the shape in which a server tells of
/// its own.</summary>
internal static class ThisMachine
{
    public static async Task<MachineDiscovery> LookAsync(
        Func<string, string?> environment, CancellationToken cancel)
    {
        var catalogue = ModelServerCatalogue.BuiltIn;
        var named = CliVariables.Read(environment, "AEGIS_MODEL_PORTS") ?? "";
        if (!ModelPorts.TryParse(named, catalogue, out var ports))
        {
            throw new CliException(ExitCode.Usage, "AEGIS7001",
                $"AEGIS_MODEL_PORTS is no list of ports: {named}",
                $"such as ollama:11435; names: {string.Join(", ", catalogue.Servers.Keys)}");
        }
        using var launcher = new ProcessLauncher();
        using var survey = new MachineSurvey(launcher, TimeProvider.System, environment("PATH") ?? "",
            ModelPorts.Of(catalogue, ports), TimeSpan.Zero);
        return Shape(await survey.LookAsync(cancel));
    }

    private static MachineDiscovery Shape(MachineFindings found) => new((long)found.Took.TotalMilliseconds,
        [.. found.Programs.Found.Select(p => new DiscoveredProgram(p.Known.Name, p.Known.KindName, p.Path,
            p.Version, p.Why, p.Known.Use.Argv, p.Known.Use.Protocol, p.Known.Use.Address?.ToString(),
            p.Known.Use.Prompt, p.Known.Docs.ToString()))],
        found.Programs.Missing, found.Programs.LeftOut,
        [.. found.Servers.Select(s => new DiscoveredServer(s.Known.Name, s.Port, s.Address.ToString(),
            s.Version, s.NeedsKey, [.. s.Models.Select(m => new Client.ServedModel(m.Name, m.Bytes))],
            s.More, s.Known.Docs.ToString()))],
        ProfileSnippet.Of(found.Servers));
}
