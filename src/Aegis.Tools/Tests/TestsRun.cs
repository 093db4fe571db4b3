using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Tests;

/// <param name="Framework">jest, vitest, node:test, pytest, unittest or npm; told from the files where
/// absent.</param>
/// <param name="Cwd">The folder to run in, at or below /work.</param>
/// <param name="Args">Further arguments of the runner, such as a path.</param>
/// <param name="Timeout">1 ms to 24 h.</param>
public sealed record TestsRunInput(
    [property: RegularExpression("jest|vitest|node:test|pytest|unittest|npm",
        ErrorMessage = "framework is one of jest, vitest, node:test, pytest, unittest, npm")]
    string? Framework = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = "/work/app",
    [property: Length(0, TestsRun.ArgsMax)] ImmutableArray<string>? Args = null,
    [property: Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")] TimeSpan? Timeout = null)
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
    }
}

// The runner writes its report into the workspace, because every command of a sandbox has a /tmp of its own;
// a second command takes it out and removes it, so it is in no sealed layer. The runner's own output is the
// call's log.

/// <summary>Runs a project's tests in the sandbox and reports each one.</summary>
public sealed class TestsRun : Tool<TestsRunInput>
{
    public const int ArgsMax = 100;
    public const int ArgCharsMax = 4096;
    public const int ReportBytesMax = 16 * 1024 * 1024;

    private const string Start = """
        cd -- "$1" 2>/dev/null || exit 125; mkdir -p -- "$2" || exit 124; shift 2; exec "$@"
        """;
    private const string Take = """
        [ -f "$1/report" ] && head -c "$2" -- "$1/report"; s=$?; rm -rf -- "$1"; exit $s
        """;

    private static readonly ImmutableSortedDictionary<string, string> RunnerEnv =
        ImmutableSortedDictionary<string, string>.Empty
            .Add("CI", "true").Add("NO_COLOR", "1").Add("PYTHONDONTWRITEBYTECODE", "1");

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
        (var facts, error) = await ProjectFacts.ReadAsync(cwd, execution, cancel);
        if (facts is null)
        {
            return ToolResult.Fail(error!);
        }
        var framework = input.Framework is { } named ? TestFramework.Find(named) : null;
        if (framework is null)
        {
            (framework, error) = facts.Detect();
        }
        if (framework is null)
        {
            return ToolResult.Fail(error!);
        }
        var runner = "";
        return framework.Binary is { } binary && !facts.Binaries.TryGetValue(binary, out runner)
            ? ToolResult.Fail(TestErrors.NotInstalled(binary))
            : await RunAsync(input, framework, runner, cwd, execution, cancel);
    }

    private static async ValueTask<ToolResult> RunAsync(TestsRunInput input, TestFramework framework,
        string runner,
        string cwd, Execution execution, CancellationToken cancel)
    {
        var folder = $"{WorkPath.Root}/.aegis-tests-"
            + RandomNumberGenerator.GetHexString(16, lowercase: true);
        ImmutableArray<string> argv = ["bash", "-c", Start, "bash", cwd, folder,
            .. framework.Command(runner, $"{folder}/report"), .. input.Args ?? []];
        var onStdout = framework.Form == ReportForm.TapOnStdout;
        var ran = await execution.SandboxAsync(
            new SandboxCommand(argv, Env: RunnerEnv, Timeout: input.Timeout,
            CaptureBytesMax: onStdout ? ReportBytesMax + 1 : 64 * 1024), cancel);
        // captured and not taken by file: what is captured is redacted
        var taken = await execution.SandboxAsync(new SandboxCommand(
            ["bash", "-c", Take, "bash", folder, $"{ReportBytesMax + 1}"], Quiet: true,
            CaptureBytesMax: ReportBytesMax + 1), cancel);
        return ran.TimedOut
            ? ToolResult.Fail(TestErrors.TimedOut(framework.Name, input.Timeout), ran.ExitCode)
            : Judge(framework, cwd, ran, onStdout ? ran.Stdout : taken.Ok ? taken.Stdout : null);
    }

    private static ToolResult Judge(TestFramework framework, string cwd, CommandResult ran,
        ReadOnlyMemory<byte>? report)
    {
        if (report is not { Length: > 0 } bytes)
        {
            return ToolResult.Fail(NothingFound(framework, ran) ? TestErrors.NoTests(framework.Name)
                : TestErrors.Crashed(framework.Name, ran, null), ran.ExitCode,
                    OutputText.Tail(ran.Stderr.Span, 4096));
        }
        if (bytes.Length > ReportBytesMax)
        {
            return ToolResult.Fail(TestErrors.Unreadable(framework.Name,
                $"longer than {ReportBytesMax} bytes"),
                ran.ExitCode);
        }
        try
        {
            var cases = Read(framework.Form, bytes).Where(test => !IsEmptyFile(framework, test))
                .Select(test => InFolder(test, cwd));
            return TestVerdict.Of(framework.Name, [.. cases], ran.ExitCode, OutputText.LastLine(ran));
        }
        catch (TestReportException e)
        {
            return ToolResult.Fail(framework.Form == ReportForm.TapOnStdout
                && !TapReport.IsTap(Encoding.UTF8.GetString(bytes.Span)) ? TestErrors.NotTap()
                : TestErrors.Unreadable(framework.Name, e.Message), ran.ExitCode);
        }
    }

    // vitest and jest write no report where there is no test file; they say so, and end with 1
    private static bool NothingFound(TestFramework framework, CommandResult ran) =>
        framework.Binary is not null && ran.ExitCode is 0 or 1
        && (ran.StdoutText + ran.StderrText) is var said
        && (said.Contains("No test files found", StringComparison.Ordinal)
            || said.Contains("No tests found", StringComparison.Ordinal));

    private static List<TestCase> Read(ReportForm form, ReadOnlyMemory<byte> report) => form switch
    {
        ReportForm.JUnit => JUnitReport.Parse(new StreamReader(new MemoryStream(report.ToArray()))),
        ReportForm.JestJson => JestReport.Parse(report),
        _ => TapReport.Parse(Encoding.UTF8.GetString(report.Span)),
    };

    private static TestCase InFolder(TestCase test, string cwd) => test with
    {
        Name = Below(test.Name, cwd),
        File = test.File is null ? null : Below(test.File, cwd),
    };

    private static string Below(string path, string cwd) =>
        path.StartsWith(cwd + "/", StringComparison.Ordinal) ? path[(cwd.Length + 1)..] : path;

    // node counts a file without a test as a test that passed, named by its path
    private static bool IsEmptyFile(TestFramework framework, TestCase test) =>
        framework.Name == "node:test" && test.Status == TestStatus.Passed
        && test.Name.StartsWith('/') && (Path.GetExtension(test.Name) is ".js" or ".mjs" or ".cjs");
}
