using System.Globalization;
using Aegis.Client;

namespace Aegis.Cli.Machine;

/// <summary>What was found on a machine, for a person.</summary>
internal static class DiscoveryPage
{
    public static void Write(Terminal terminal, MachineDiscovery found)
    {
        if (found.Programs.Count > 0)
        {
            terminal.Table(["PROGRAM", "VERSION", "KIND", "HOW IT IS USED", "PATH"],
                found.Programs.Select(p => new[] { p.Name, p.Version ?? "?", p.Kind, Use(p), p.Path }));
        }
        foreach (var program in found.Programs.Where(p => p.Why is not null))
        {
            terminal.Error.WriteLine(Terminal.Visible($"aegis: {program.Name}: {program.Why}"));
        }
        foreach (var folder in found.LeftOut)
        {
            terminal.Error.WriteLine(
                Terminal.Visible($"aegis: {folder} of PATH is not absolute; nothing was looked for there"));
        }
        if (found.Servers.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.Table(["SERVER", "VERSION", "MODEL", "BYTES", "ADDRESS"],
                found.Servers.SelectMany(Rows));
            terminal.Out.WriteLine("\nFor a profile:\n");
            terminal.Out.Write(found.ProfileSnippet);
        }
        terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"aegis: programs: {found.Programs.Count}, servers of models: {found.Servers.Count}, in "
            + $"{found.TookMs} ms; known programs that are not installed: {found.Missing.Count}"));
    }

    private static string Use(DiscoveredProgram program) => program switch
    {
        { Protocol: "openai" } => $"{string.Join(' ', program.Argv)} → {program.Address}",
        { Protocol: { } protocol } => $"{string.Join(' ', program.Argv)} ({protocol})",
        { Prompt: { } prompt } => $"{string.Join(' ', program.Argv)} (prompt: {prompt})",
        _ => string.Join(' ', program.Argv),
    };

    private static IEnumerable<string[]> Rows(DiscoveredServer server)
    {
        var version = server.Version ?? "";
        if (server.Models.Count == 0)
        {
            yield return [server.Name, version, server.NeedsKey ? "(asks for a key)" : "(none)", "",
                server.BaseUrl];
        }
        foreach (var model in server.Models)
        {
            yield return [server.Name, version, model.Name,
                model.Bytes?.ToString(CultureInfo.InvariantCulture) ?? "", server.BaseUrl];
        }
        if (server.More > 0)
        {
            yield return [server.Name, version, $"… and {server.More} more", "", server.BaseUrl];
        }
    }
}
