using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Repairs;
using Aegis.Tools.Files;
using Aegis.Tools.Tests;

namespace Aegis.Tools.Repair;

/// <summary><c>failure_report.md</c>: what was wrong, what was tried, and what the tests say now.</summary>
internal static class RepairReport
{
    public const string Path = "failure_report.md";
    private const int ShownMax = 50;
    private const int CodeCharsMax = 4_000;

    public static string Of(FailureAnalysis analysis, RepairRun run)
    {
        var text = new StringBuilder("---\n")
            .Append($"build_status: {(run.IsClean ? "clean" : "broken")}\n")
            .Append($"fixes_applied: {run.Applied.Count}\nfixes_failed: {run.Failed.Count}\n---\n")
            .Append("# Failure report\n\n")
            .Append(run.IsClean ? "All tests pass.\n" : "Tests still fail.\n")
            .Append("\n## Root causes\n\n");
        foreach (var cause in analysis.RootCauses)
        {
            text.Append("- ").Append(Line(cause)).Append('\n');
        }
        text.Append("\n## Tests\n\n| | passed | failed | skipped |\n|---|---|---|---|\n");
        Counts(text, "before", run.Before);
        Counts(text, "after", run.Now);
        Failing(text, run.Now);
        text.Append("\n## Fixes that are kept\n\n").Append(run.Applied.Count == 0 ? "None.\n" : "");
        foreach (var it in run.Applied)
        {
            Fix(text, it.Fix, it.Line);
            text.Append($"Found by `{FilePatch.WordOf(it.Match)}`; passing since: ")
                .Append(TestProgress.Named(it.Mended)).Append(".\n");
        }
        text.Append("\n## Fixes that are not\n\n").Append(run.Failed.Count == 0 ? "None.\n" : "");
        foreach (var it in run.Failed)
        {
            Fix(text, it.Fix, it.Fix.LineNumber);
            text.Append(Line(it.Error.ToString())).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>What stands in a step's output: short, for a person and for the next question to a
    /// model.</summary>
    public static string Summary(RepairRun run)
    {
        var text = new StringBuilder(run.IsClean ? "all tests pass\n" : "tests still fail\n");
        foreach (var it in run.Applied)
        {
            text.Append($"applied {it.Fix.File}:{it.Line} ").Append(Line(it.Fix.Explanation)).Append('\n');
        }
        foreach (var it in run.Failed)
        {
            text.Append($"not applied {it.Fix.File}:{it.Fix.LineNumber} ").Append(it.Error.Message)
                .Append(it.Error.Got is null ? "" : $"; {it.Error.Got}").Append('\n');
        }
        Failing(text, run.Now);
        return text.ToString();
    }

    private static void Counts(StringBuilder text, string when, TestResults results) =>
        text.Append(results.Read
            ? $"| {when} | {Sum(results, s => s.Passed)} | {Sum(results, s => s.Failed)} "
                + $"| {Sum(results, s => s.Skipped)} |\n"
            : $"| {when} | not known | not known | not known |\n");

    private static int Sum(TestResults results, Func<TestSuite, int> of) => results.Suites.Sum(of);

    private static void Failing(StringBuilder text, TestResults results)
    {
        var failed = results.Suites.SelectMany(s => s.Cases.Where(c => c.Status == TestStatus.Failed))
            .Take(ShownMax).ToArray();
        text.Append(failed.Length == 0 ? "" : "\nStill failing:\n\n");
        foreach (var test in failed)
        {
            text.Append("- ").Append(Line(test.Name)).Append(test.File is null ? "" : $" ({test.File})")
                .Append(test.Message is null ? "" : $": {Line(test.Message)}").Append('\n');
        }
        foreach (var suite in results.Suites.Where(s => !s.Read))
        {
            text.Append("\nnot known: ").Append(Line(suite.Error?.Message ?? suite.Framework)).Append('\n');
        }
    }

    private static void Fix(StringBuilder text, FixSuggestion fix, int line) =>
        text.Append($"### {fix.File}:{line}\n\n").Append(Line(fix.Explanation))
            .Append(RepairRun.ChangesTest(fix) ? " **It changes a test.**" : "").Append("\n\n")
            .Append(Code(fix.CurrentCode)).Append("becomes\n\n").Append(Code(fix.FixedCode));

    private static string Code(string code) =>
        $"~~~~\n{(code.Length <= CodeCharsMax ? code : code[..CodeCharsMax] + "…").Trim('\n')}\n~~~~\n\n";

    private static string Line(string text)
    {
        const int max = 500;
        var line = string.Join(' ', text.Split((char[])[' ', '\n', '\r', '\t'],
            StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= max ? line : line[..max] + "…";
    }
}
