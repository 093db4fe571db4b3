using Aegis.Core.Findings;
using Aegis.Gate;

namespace Aegis.Tools.Quality;

/// <summary>Takes in findings of SonarQube from a file that the step names, in its generic issue format. How
/// old the file is, and of which commit, it cannot know.</summary>
internal sealed class SonarScanner(string? report) : Scanner
{
    private const string Take = """[ -f "$1/$2" ] || exit 44; exec cat -- "$1/$2" """;

    public override string Name => SonarIssues.Tool;

    public override async ValueTask<ScannerReport> ScanAsync(ReviewTree tree, Execution execution,
        CancellationToken cancel)
    {
        if (report is null)
        {
            return NotRun("no report was named (sonar_report)");
        }
        var result = await execution.SandboxAsync(new SandboxCommand(
            ["bash", "-c", Take, "bash", tree.Cwd, report], Quiet: true, CaptureBytesMax: ReportBytesMax),
            cancel);
        if (!result.Ok)
        {
            return NotRun(result.ExitCode == 44 ? $"there is no file {report}" : Failure(result));
        }
        using var json = TryJson(result);
        if (json is null)
        {
            return NotRun($"{report} is no JSON, or longer than {ReportBytesMax} bytes");
        }
        try
        {
            var findings = SonarIssues.Read(json.RootElement);
            return Report(null, findings.Select(finding => finding.File).Distinct().Count(), findings,
                $"read from {report}");
        }
        catch (FormatException e)
        {
            return NotRun($"{report} cannot be read: {e.Message}");
        }
    }
}
