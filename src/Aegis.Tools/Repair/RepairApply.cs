using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Repairs;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;
using Aegis.Tools.Tests;

namespace Aegis.Tools.Repair;

/// <param name="Analysis">A failure analysis: a JSON object, or the text of one.</param>
/// <param name="Path">The repository's folder; fixes name files relative to it.</param>
/// <param name="Framework">As of tests.run.</param>
/// <param name="Timeout">Of each run of the tests.</param>
public sealed record RepairApplyInput(
    [property: Required] JsonElement Analysis,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = "/work/app",
    [property: RegularExpression(TestsRun.Frameworks,
        ErrorMessage = "framework is one of " + TestsRun.Frameworks)]
    string? Framework = null,
    [property: Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")] TimeSpan? Timeout = null);

/// <summary>Applies the fixes of a failure analysis, each kept only where more tests pass than before and
/// none fewer.</summary>
public sealed class RepairApply : Tool<RepairApplyInput>
{
    private const int TextCharsMax = 400;

    public override ToolDescriptor Descriptor { get; } =
        new("repair.apply", "tools:fix", ToolEffect.Idempotent,
        "Applies the fixes of a failure analysis; keeps those by which more tests pass.",
        UsesWorkspace: true);

    protected override AegisError? Judge(RepairApplyInput input) => WorkPath.Wrong(input.Path, "path");

    protected override async ValueTask<ToolResult> InvokeAsync(RepairApplyInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var folder, out var error))
        {
            return ToolResult.Fail(error!);
        }
        (var analysis, error) = FailureAnalysis.Read(input.Analysis);
        if (analysis is null)
        {
            return ToolResult.Fail(error!);
        }
        var run = new RepairRun(folder, new TestsRunInput(input.Framework, folder, Timeout: input.Timeout),
            execution);
        if (await run.RunAsync(analysis, cancel) is { } unable)
        {
            return ToolResult.Fail(unable);
        }
        var report = await KeepAsync(RepairReport.Of(analysis, run), execution, cancel);
        return new ToolResult(true, RepairReport.Summary(run), Outputs(analysis, run, report))
        {
            Patches = run.Facts,
        };
    }

    private static async ValueTask<string?> KeepAsync(
        string report, Execution execution, CancellationToken cancel)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(report));
        var made = await execution.PutArtifactAsync(
            new ArtifactPut(null, RepairReport.Path, content), cancel);
        return made?.ArtifactId;
    }

    private static JsonElement Outputs(FailureAnalysis analysis, RepairRun run, string? report) =>
        ToolJson.Element(new
        {
            build_status = run.IsClean ? "clean" : "broken",
            applied = run.Applied.Select(a => new
            {
                file = Cut(a.Fix.File),
                line = a.Line,
                match = FilePatch.WordOf(a.Match),
                explanation = Cut(a.Fix.Explanation),
                confidence = a.Fix.Confidence ?? analysis.ConfidenceScore,
                changes_test = RepairRun.ChangesTest(a.Fix),
                backup = a.Backup,
            }),
            failed = run.Failed.Select(f => new
            {
                file = Cut(f.Fix.File),
                line = f.Fix.LineNumber,
                code = f.Error.Code,
                why = Cut(f.Error.Message),
            }),
            not_needed = run.NotNeeded,
            root_causes = analysis.RootCauses.Select(Cut),
            tests_before = Counts(run.Before),
            tests_after = Counts(run.Now),
            report,
        });

    private static object? Counts(TestResults results) => !results.Read ? null : new
    {
        passed = results.Suites.Sum(s => s.Passed),
        failed = results.Suites.Sum(s => s.Failed),
        skipped = results.Suites.Sum(s => s.Skipped),
    };

    private static string Cut(string text) =>
        text.Length <= TextCharsMax ? text : text[..TextCharsMax] + "…";
}
