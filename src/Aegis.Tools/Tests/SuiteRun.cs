using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Tests;

// The runner writes its report into the workspace, because every command of a sandbox has a /tmp of its own;
// a second command takes it out and removes it, so it is in no sealed layer. The runner's own output is the
// call's log.

/// <summary>Runs one framework over the project and reads what it reports.</summary>
internal static class SuiteRun
{
    public const int ReportBytesMax = 16 * 1024 * 1024;
    private const int SaidBytesMax = 4096;

    private const string Start = """
        cd -- "$1" 2>/dev/null || exit 125; mkdir -p -- "$2" || exit 124; shift 2; exec "$@"
        """;
    private const string Take = """
        [ -f "$1/report" ] && head -c "$2" -- "$1/report"; s=$?; rm -rf -- "$1"; exit $s
        """;

    // no compiler or build server outlives its command, and nothing asks a network that is not there
    private static readonly ImmutableSortedDictionary<string, string> RunnerEnv =
        ImmutableSortedDictionary<string, string>.Empty
            .Add("CI", "true").Add("NO_COLOR", "1").Add("PYTHONDONTWRITEBYTECODE", "1")
            .Add("DOTNET_NOLOGO", "1").Add("DOTNET_CLI_TELEMETRY_OPTOUT", "1").Add("NuGetAudit", "false")
            .Add("DOTNET_CLI_USE_MSBUILD_SERVER", "0").Add("MSBUILDDISABLENODEREUSE", "1")
            .Add("UseSharedCompilation", "false").Add("GOTOOLCHAIN", "local").Add("GOTELEMETRY", "off")
            .Add("CARGO_TERM_COLOR", "never");

    public static async ValueTask<TestSuite> RunAsync(TestsRunInput input, TestFramework framework,
        TestSelection selection, ProjectFacts facts, string cwd, Execution execution,
        CancellationToken cancel)
    {
        var runner = "";
        if (framework.Binary is { } binary && !facts.Binaries.TryGetValue(binary, out runner))
        {
            return new(framework.Name, false, [], TimeSpan.Zero, null, TestErrors.NotInstalled(binary));
        }
        var folder = $"{WorkPath.Root}/.aegis-tests-"
            + RandomNumberGenerator.GetHexString(16, lowercase: true);
        var command = framework.Command(runner, $"{folder}/report");
        ImmutableArray<string> argv = ["bash", "-c", Start, "bash", cwd, folder,
            .. selection.IsAll ? command : framework.Selects!(command, selection.Files),
            .. input.Args ?? []];
        var since = Stopwatch.GetTimestamp();
        var ran = await execution.SandboxAsync(
            new SandboxCommand(argv, Env: RunnerEnv, Timeout: input.Timeout,
            CaptureBytesMax: framework.OnStdout ? ReportBytesMax + 1 : 64 * 1024), cancel);
        var duration = Stopwatch.GetElapsedTime(since);
        // captured and not taken by file: what is captured is redacted
        var taken = await execution.SandboxAsync(new SandboxCommand(
            ["bash", "-c", Take, "bash", folder, $"{ReportBytesMax + 1}"], Quiet: true,
            CaptureBytesMax: ReportBytesMax + 1), cancel);
        var suite = ran.TimedOut
            ? Unread(framework, ran, TestErrors.TimedOut(framework.Name, input.Timeout))
            : Judge(framework, cwd, ran, framework.OnStdout ? ran.Stdout : taken.Ok ? taken.Stdout : null);
        return suite with { Duration = duration };
    }

    private static TestSuite Judge(TestFramework framework, string cwd, CommandResult ran,
        ReadOnlyMemory<byte>? report)
    {
        if (report is not { Length: > 0 } bytes)
        {
            return Unread(framework, ran, NothingFound(framework, ran) ? TestErrors.NoTests(framework.Name)
                : TestErrors.Crashed(framework.Name, ran, null));
        }
        if (bytes.Length > ReportBytesMax)
        {
            return Unread(framework, ran, TestErrors.Unreadable(framework.Name,
                $"longer than {ReportBytesMax} bytes"));
        }
        try
        {
            var cases = Read(framework.Form, bytes, cwd).Where(test => !IsEmptyFile(framework, test))
                .Select(test => InFolder(test, cwd)).ToImmutableArray();
            return cases.IsEmpty && framework.Builds && ran.ExitCode != 0
                ? Unread(framework, ran, TestErrors.Crashed(framework.Name, ran, null))
                : new(framework.Name, true, cases, default, ran.ExitCode,
                    TestVerdict.ErrorOf(framework.Name, cases, ran.ExitCode, OutputText.LastLine(ran)));
        }
        catch (TestReportException e)
        {
            return Unread(framework, ran, framework.Form == ReportForm.TapOnStdout
                && !TapReport.IsTap(Encoding.UTF8.GetString(bytes.Span)) ? TestErrors.NotTap()
                : TestErrors.Unreadable(framework.Name, e.Message));
        }
    }

    private static TestSuite Unread(TestFramework framework, CommandResult ran, AegisError error) =>
        new(framework.Name, false, [], default, ran.ExitCode, error,
            OutputText.Tail(ran.Stderr.Length > 0 ? ran.Stderr.Span : ran.Stdout.Span, SaidBytesMax));

    // vitest and jest write no report where there is no test file; they say so, and end with 1. dotnet and
    // Maven end with 0 there
    private static bool NothingFound(TestFramework framework, CommandResult ran) =>
        framework.Builds ? ran.ExitCode == 0
        : framework.Binary is not null && ran.ExitCode is 0 or 1
            && (ran.StdoutText + ran.StderrText) is var said
            && (said.Contains("No test files found", StringComparison.Ordinal)
                || said.Contains("No tests found", StringComparison.Ordinal));

    private static List<TestCase> Read(ReportForm form, ReadOnlyMemory<byte> report, string cwd) =>
        form switch
        {
            ReportForm.JUnit => JUnitReport.Parse(Reader(report)),
            ReportForm.Trx => TrxReport.Parse(Reader(report)),
            ReportForm.JestJson => JestReport.Parse(report),
            ReportForm.GoOnStdout => GoReport.Parse(Encoding.UTF8.GetString(report.Span)),
            ReportForm.CargoOnStdout => CargoReport.Parse(Encoding.UTF8.GetString(report.Span)),
            ReportForm.TscOnStdout => TscReport.Parse(Encoding.UTF8.GetString(report.Span), cwd),
            _ => TapReport.Parse(Encoding.UTF8.GetString(report.Span)),
        };

    private static StreamReader Reader(ReadOnlyMemory<byte> report) =>
        new(new MemoryStream(report.ToArray()));

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
