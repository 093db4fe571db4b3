using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis audit verify|export</c>.</summary>
internal static class AuditCommand
{
    private static readonly Argument<string> Target = new("FILE") { Description = "Where the export goes; - is stdout." };

    public static Command Build(CommandDesk desk) => new("audit", "The tamper-evident ledger.")
    {
        desk.Online(new Command("verify", "Verify the hash chains."),
            (client, parsed, cancel) => OnServerAsync(desk, client, parsed, cancel)),
        desk.Online(new Command("export", "Write the project's events with their proofs to a file.") { Target },
            (client, parsed, cancel) => ExportAsync(desk, client, parsed.GetRequiredValue(Target), cancel)),
    };

    private static async Task<int> OnServerAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var verdict = await client.VerifyAuditAsync(cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(verdict, ClientJson.Default.AuditVerdict);
        }
        else
        {
            Show(desk, verdict);
        }
        return verdict.Ok ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Show(CommandDesk desk, AuditVerdict verdict)
    {
        foreach (var finding in verdict.Findings)
        {
            desk.Terminal.Out.WriteLine(Terminal.Visible(finding));
        }
        desk.Terminal.Out.WriteLine($"{(verdict.Ok ? "verified" : "NOT VERIFIED")}: {verdict.Events} events in "
            + $"{verdict.Streams} streams, {verdict.Findings.Count} findings");
    }

    // beside and renamed: a broken-off export never looks like a whole one
    private static async Task<int> ExportAsync(CommandDesk desk, AegisClient client, string target,
        CancellationToken cancel)
    {
        if (target == "-")
        {
            await using var stdout = Console.OpenStandardOutput();
            await client.ExportAuditAsync(stdout, cancel);
            return ExitCode.Ok;
        }
        var partial = $"{target}.partial";
        await using (var file = File.Create(partial))
        {
            await client.ExportAuditAsync(file, cancel);
        }
        File.Move(partial, target, overwrite: true);
        desk.Terminal.Error.WriteLine($"aegis: wrote {new FileInfo(target).Length} bytes to {target}");
        return ExitCode.Ok;
    }
}
