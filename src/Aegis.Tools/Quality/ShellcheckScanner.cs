using System.Text.Json;
using Aegis.Core.Findings;
using Aegis.Gate;

namespace Aegis.Tools.Quality;

/// <summary>shellcheck over shell scripts; a file that does not say which shell it is for is read as
/// bash.</summary>
internal sealed class ShellcheckScanner : Scanner
{
    private const string Version = """
        [ -x /usr/bin/shellcheck ] || exit 43; /usr/bin/shellcheck --version | sed -n 's/^version: //p'
        """;

    private const string Scan = """cd -- "$1" && shift && exec /usr/bin/shellcheck -f json1 "$@" """;

    public override string Name => "shellcheck";

    public override async ValueTask<ScannerReport> ScanAsync(ReviewTree tree, Execution execution,
        CancellationToken cancel)
    {
        var files = tree.Of("sh");
        if (files.IsEmpty)
        {
            return NotRun("there are no shell scripts");
        }
        var probe = await execution.SandboxAsync(new SandboxCommand(["bash", "-c", Version], Quiet: true),
            cancel);
        if (!probe.Ok)
        {
            return NotRun(probe.ExitCode == 43 ? "shellcheck is not installed" : Failure(probe));
        }
        var version = probe.StdoutText.Trim();
        var findings = new List<Finding>();
        foreach (var group in files.GroupBy(file => file.HasShebang))
        {
            string[] shell = group.Key ? [] : ["--shell=bash"];
            foreach (var batch in Batches(group))
            {
                var result = await execution.SandboxAsync(new SandboxCommand(
                    ["bash", "-c", Scan, "bash", tree.Cwd, .. shell, .. Arguments(batch)], Quiet: true,
                    Timeout: TimeMax, CaptureBytesMax: ReportBytesMax), cancel);
                using var json = result.ExitCode is 0 or 1 && !result.TimedOut ? TryJson(result) : null;
                if (json is null)
                {
                    return NotRun(Failure(result), version);
                }
                findings.AddRange(json.RootElement.GetProperty("comments").EnumerateArray()
                    .Select(comment => Finding(comment, tree.Cwd)));
            }
        }
        return Report(version, files.Length, findings, null);
    }

    private static Finding Finding(JsonElement comment, string cwd)
    {
        var rule = $"SC{comment.GetProperty("code").GetInt32()}";
        return new(rule, "shellcheck", comment.GetProperty("level").GetString() switch
        {
            "error" => FindingSeverity.Error,
            "warning" => FindingSeverity.Warning,
            _ => FindingSeverity.Note,
        }, Relative(comment.GetProperty("file").GetString()!, cwd), comment.GetProperty("line").GetInt32(),
            comment.GetProperty("column").GetInt32(), comment.GetProperty("message").GetString()!,
            $"see https://www.shellcheck.net/wiki/{rule}");
    }
}
