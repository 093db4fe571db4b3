using System.CommandLine;
using System.Security.Cryptography;
using Aegis.Client;
using Aegis.Core.Audit;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis audit verify|export|evidence|rules</c>.</summary>
internal static class AuditCommand
{
    private const int KeyBytesMax = 64 * 1024;

    private static readonly Argument<string> Target =
        new("FILE") { Description = "Where the export goes; - is stdout." };

    private static readonly Argument<string?> Export = new("FILE")
    {
        Description =
            "An export to verify offline, without server or database. Default: the server's ledger.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description =
            "The public key to expect, a PEM file (keys/checkpoint.pub); default: the export's own.",
        HelpName = "FILE",
    };

    public static Command Build(CommandDesk desk) => new("audit", "The tamper-evident ledger.")
    {
        Verify(desk),
        desk.Online(
            new Verb("export", "Write the project's events with their proofs to a file.",
                "aegis audit export audit.jsonl") { Target },
            (client, parsed, cancel) => ExportAsync(desk, client, parsed.GetRequiredValue(Target), cancel)),
        EvidenceCommand.Build(desk),
        EvidenceCommand.Rules(desk),
    };

    private static Command Verify(CommandDesk desk)
    {
        var command = new Verb("verify", "Verify the hash chains; name what was changed.",
            "aegis audit verify",
            "aegis audit verify audit.jsonl --key signing.pub") { Export, Key };
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(Export) is { } file)
            {
                return OffLine(desk, parsed, file);
            }
            using var client = desk.Connect().Open();
            return await OnServerAsync(desk, client, parsed, cancel);
        });
        return command;
    }

    private static int OffLine(CommandDesk desk, ParseResult parsed, string file)
    {
        if (!File.Exists(file))
        {
            throw new CliException(ExitCode.Usage, "AEGIS7004", $"no such file: {file}", "check the path");
        }
        using var export = File.OpenRead(file);
        var report = ExportVerifier.Verify(export, ExpectedKey(parsed.GetValue(Key)));
        Report(desk, parsed, new AuditVerdict(report.IsIntact, report.Streams, report.Events, report.Erased,
            report.Checkpoints, report.KeyFingerprint, [.. report.Issues.Select(i => i.ToString())],
            report.More));
        return report.IsIntact ? ExitCode.Ok : ExitCode.Failed;
    }

    private static byte[]? ExpectedKey(string? file)
    {
        if (file is null)
        {
            return null;
        }
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(Files.ReadText(file, KeyBytesMax));
            return key.ExportSubjectPublicKeyInfo();
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7004", $"{file} is not a public key in PEM form",
                "use keys/checkpoint.pub of the server's home");
        }
    }

    private static async Task<int> OnServerAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var verdict = await client.VerifyAuditAsync(cancel);
        Report(desk, parsed, verdict);
        return verdict.Ok ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Report(CommandDesk desk, ParseResult parsed, AuditVerdict verdict)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(verdict, ClientJson.Default.AuditVerdict);
            return;
        }
        foreach (var finding in verdict.Findings)
        {
            desk.Terminal.Out.WriteLine(Terminal.Visible(finding));
        }
        if (verdict.More > 0)
        {
            desk.Terminal.Out.WriteLine($"… and {verdict.More} more");
        }
        desk.Terminal.Out.WriteLine(
            $"{(verdict.Ok ? "verified" : "NOT VERIFIED")}: {verdict.Events} events in "
            + $"{verdict.Streams} streams, {verdict.Erased} erased, {verdict.Checkpoints} checkpoints, "
            + $"{verdict.Findings.Count + verdict.More} findings");
        if (verdict.KeyFingerprint is { } key)
        {
            desk.Terminal.Out.WriteLine($"signed by the key {key}");
        }
    }

    private static async Task<int> ExportAsync(CommandDesk desk, AegisClient client, string target,
        CancellationToken cancel)
    {
        if (target == "-")
        {
            await using var stdout = Console.OpenStandardOutput();
            await client.ExportAuditAsync(stdout, cancel);
            return ExitCode.Ok;
        }
        await Files.WriteAsync(target, file => client.ExportAuditAsync(file, cancel));
        desk.Terminal.Error.WriteLine($"aegis: wrote {new FileInfo(target).Length} bytes to {target}");
        return ExitCode.Ok;
    }
}
