using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis sandbox doctor</c>: what the server's sandboxes are made of, asked of the server.
/// The script's own <c>./aegis sandbox</c> looks at this machine without one.</summary>
internal static class SandboxCommand
{
    public static Command Build(CommandDesk desk) => new("sandbox", "Sandboxes: their kinds and walls.")
    {
        desk.Online(new Verb("doctor", "Show each kind's walls on the server, what is missing and the mend.",
            "aegis sandbox doctor", "aegis sandbox doctor --json"),
            (client, parsed, cancel) => DoctorAsync(desk, client, parsed, cancel)),
    };

    private static async Task<int> DoctorAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var report = await client.GetSandboxAsync(cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(report, ClientJson.Default.SandboxReport);
            return ExitCode.Ok;
        }
        desk.Terminal.Out.WriteLine($"sandboxes of {client.Server}, user {Terminal.Visible(report.User)}");
        foreach (var kind in report.Kinds)
        {
            Show(desk.Terminal.Out, kind);
        }
        return ExitCode.Ok;
    }

    private static void Show(TextWriter page, SandboxKindReport kind)
    {
        page.WriteLine();
        page.WriteLine(Terminal.Visible($"{kind.Kind}: {(kind.Available ? "ready" : "not there")}"));
        if (!kind.Available)
        {
            page.WriteLine(Terminal.Visible($"  missing  {kind.Missing}"));
            page.WriteLine(Terminal.Visible($"  mend     {kind.Mend}"));
        }
        foreach (var wall in kind.Walls)
        {
            page.WriteLine(Terminal.Visible(
                $"  {(wall.Present ? "+" : "-")} {wall.Wall,-10} {wall.Mechanism}"));
            if (wall.Mend is { } mend)
            {
                page.WriteLine(Terminal.Visible($"    mend       {mend}"));
            }
        }
    }
}
