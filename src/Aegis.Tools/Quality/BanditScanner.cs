using System.Text.Json;
using Aegis.Core.Findings;
using Aegis.Gate;

namespace Aegis.Tools.Quality;

/// <summary>bandit over Python files. Its LOW is a note: it lists every assert of a test.</summary>
internal sealed class BanditScanner : Scanner
{
    private const string Version = """
        [ -x /usr/bin/bandit ] || exit 43; /usr/bin/bandit --version | head -n 1
        """;

    private const string Scan = """
        cd -- "$1" && shift && /usr/bin/bandit -q -f json -o /tmp/bandit.json "$@" >&2; s=$?
        [ -f /tmp/bandit.json ] && cat /tmp/bandit.json; exit $s
        """;

    public override string Name => "bandit";

    public override async ValueTask<ScannerReport> ScanAsync(ReviewTree tree, Execution execution,
        CancellationToken cancel)
    {
        var files = tree.Of("py");
        if (files.IsEmpty)
        {
            return NotRun("there are no Python files");
        }
        var probe = await execution.SandboxAsync(new SandboxCommand(["bash", "-c", Version], Quiet: true),
            cancel);
        if (!probe.Ok)
        {
            return NotRun(probe.ExitCode == 43 ? "bandit is not installed" : Failure(probe));
        }
        var version = probe.StdoutText.Trim().Split(' ')[^1];
        var findings = new List<Finding>();
        var excluded = 0L;
        foreach (var batch in Batches(files))
        {
            var result = await execution.SandboxAsync(new SandboxCommand(
                ["bash", "-c", Scan, "bash", tree.Cwd, .. Arguments(batch)], Quiet: true, Timeout: TimeMax,
                CaptureBytesMax: ReportBytesMax), cancel);
            using var json = result.ExitCode is 0 or 1 && !result.TimedOut ? TryJson(result) : null;
            if (json is null)
            {
                return NotRun(Failure(result), version);
            }
            findings.AddRange(json.RootElement.GetProperty("results").EnumerateArray()
                .Select(r => Finding(r, tree.Cwd)));
            findings.AddRange(json.RootElement.GetProperty("errors").EnumerateArray()
                .Select(e => Unparsed(e, tree.Cwd)));
            excluded += json.RootElement.GetProperty("metrics").GetProperty("_totals").TryGetProperty("nosec",
                out var nosec) ? nosec.GetInt64() : 0;
        }
        return Report(version, files.Length, findings,
            excluded == 0 ? null : $"{excluded} lines are excluded by # nosec");
    }

    private static Finding Finding(JsonElement result, string cwd) => new(
        result.GetProperty("test_id").GetString()!, "bandit",
        result.GetProperty("issue_severity").GetString() switch
        {
            "HIGH" => FindingSeverity.Error,
            "MEDIUM" => FindingSeverity.Warning,
            _ => FindingSeverity.Note,
        },
        Relative(result.GetProperty("filename").GetString()!, cwd), result.GetProperty("line_number")
            .GetInt32(),
        null, result.GetProperty("issue_text").GetString()!,
        result.TryGetProperty("more_info", out var info) ? $"see {info.GetString()}" : null);

    // what bandit could not read it did not judge
    private static Finding Unparsed(JsonElement error, string cwd) =>
        new("unparsed", "bandit", FindingSeverity.Error,
        Relative(error.GetProperty("filename").GetString()!, cwd), 1, null,
        $"was not judged: {error.GetProperty("reason").GetString()}", "mend the syntax");
}
