using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Artifacts;
using Aegis.Tools.Files;

namespace Aegis.Tools.Tests;

/// <param name="Framework">One of the names in docs/tools-quality.md, or all; told from the files where
/// absent.</param>
/// <param name="Cwd">The folder to run in, at or below /work.</param>
/// <param name="Args">Further arguments of the runner, such as a path.</param>
/// <param name="Timeout">1 ms to 24 h.</param>
/// <param name="Changed">Files, relative to cwd: only tests that import them run, where that can be
/// told.</param>
public sealed record TestsRunInput(
    [property: RegularExpression(TestsRun.Frameworks,
        ErrorMessage = "framework is one of " + TestsRun.Frameworks)]
    string? Framework = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = "/work/app",
    [property: Length(0, TestsRun.ArgsMax)] ImmutableArray<string>? Args = null,
    [property: Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")] TimeSpan? Timeout = null,
    [property: Length(1, TestsRun.ChangedMax)] ImmutableArray<string>? Changed = null)
        : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Args?.Any(a => a is null || a.Length > TestsRun.ArgCharsMax
            || a.Contains('\0', StringComparison.Ordinal))
            == true)
        {
            yield return new ValidationResult(
                $"an argument has at most {TestsRun.ArgCharsMax} characters, no NUL");
        }
        if (Changed?.Any(c => c is null || c.Length > WorkPath.LengthMax) == true)
        {
            yield return new ValidationResult($"a changed file has at most {WorkPath.LengthMax} characters");
        }
        if (Framework == "all" && Args is { Length: > 0 })
        {
            yield return new ValidationResult("args are of one framework: name it instead of all");
        }
    }
}

/// <summary>Runs a project's tests in the sandbox and reports each one.</summary>
public sealed class TestsRun : Tool<TestsRunInput>
{
    public const int ArgsMax = 100;
    public const int ArgCharsMax = 4096;
    public const int ChangedMax = 1_000;
    internal const string Frameworks =
        "jest|vitest|node:test|pytest|unittest|npm|dotnet|go|cargo|maven|tsc|all";

    public override ToolDescriptor Descriptor { get; } =
        new("tests.run", "tools:tests", ToolEffect.Idempotent,
        "Runs the project's tests in the sandbox; a result per test. No tests is a failure.",
            UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(TestsRunInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Cwd, out var cwd, out var error))
        {
            return ToolResult.Fail(error!);
        }
        (var results, error) = await RunAsync(input, cwd, execution, cancel);
        if (results is null)
        {
            return ToolResult.Fail(error!);
        }
        var result = TestVerdict.Of(results);
        if (result.Outputs is { } report)
        {
            await StepReport.KeepAsync(execution, "tests.json", report, cancel);
        }
        return result;
    }

    /// <summary>Runs what the input asks for in a folder of the workspace.</summary>
    internal static async ValueTask<(TestResults? Results, AegisError? Error)> RunAsync(TestsRunInput input,
        string cwd, Execution execution, CancellationToken cancel)
    {
        var (facts, error) = await ProjectFacts.ReadAsync(cwd, execution, cancel);
        if (facts is null)
        {
            return (null, error);
        }
        (var frameworks, error) = Choose(input, facts);
        if (error is not null)
        {
            return (null, error);
        }
        var selection = input.Changed is not { IsDefaultOrEmpty: false } changed ? null
            : frameworks is [var one]
                ? await TestSelection.OfAsync(cwd, changed, one, execution, cancel)
                : new TestSelection([], "several frameworks run");
        var suites = ImmutableArray.CreateBuilder<TestSuite>();
        foreach (var framework in frameworks)
        {
            suites.Add(await SuiteRun.RunAsync(
                input, framework, selection ?? new([]), facts, cwd, execution, cancel));
        }
        return (new TestResults(suites.ToImmutable()) { Selection = selection }, null);
    }

    private static (ImmutableArray<TestFramework> Frameworks, AegisError? Error) Choose(TestsRunInput input,
        ProjectFacts facts)
    {
        if (input.Framework == "all")
        {
            var all = facts.All();
            return (all, all.IsEmpty ? TestErrors.NoTests(null) : null);
        }
        if (input.Framework is { } named)
        {
            return ([TestFramework.Find(named)!], null);
        }
        var (framework, error) = facts.Detect();
        return (framework is null ? [] : [framework], error);
    }
}
