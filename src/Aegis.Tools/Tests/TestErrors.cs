using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Tests;

internal static class TestErrors
{
    private const int NamedMax = 5;

    public static AegisError NoFolder(string cwd) => new("AEGIS2360", $"there is no directory {cwd}",
        "a directory in the workspace", Mend: "check cwd; a run's repository stands at /work/app");

    public static AegisError NotInstalled(string binary) => binary is "jest" or "vitest"
        ? new("AEGIS2361", $"{binary} is not installed in the project", $"node_modules/.bin/{binary}",
            Mend: "run npm ci in a step before this one")
        : new("AEGIS2361", $"{binary} is not installed where sandboxes see it", $"/usr/bin/{binary}",
            Mend: "let an administrator install it below /usr on the node");

    public static AegisError Ambiguous(IEnumerable<string> found) => new("AEGIS2362",
        "the project has tests of more than one framework", "one", string.Join(", ", found),
        "name it with framework, in a step for each");

    public static AegisError NoTests(string? framework) => new("AEGIS2363",
        framework is null ? "no tests were found" : $"{framework} found no tests", "at least one test",
        Mend: "add tests, or check cwd, args and the framework's configuration");

    public static AegisError Failed(IReadOnlyList<TestCase> failed, int total) => new("AEGIS2364",
        $"{failed.Count} of {total} tests failed: {string.Join("; ", failed.Take(NamedMax).Select(Shown))}"
        + (failed.Count > NamedMax ? "; …" : ""), Mend: OutputText.ReadTheLog);

    public static AegisError Crashed(string runner, CommandResult result, string? why) => new("AEGIS2365",
        $"{runner} ended without a report{(why is null ? "" : $": {why}")}", "a report",
        RunnerWords.Reason(result) is { } line ? $"exit code {result.ExitCode}, {line}"
            : $"exit code {result.ExitCode}",
        OutputText.ReadTheLog);

    public static AegisError Unreadable(string runner, string why) => new("AEGIS2366",
        $"the report of {runner} cannot be read: {why}",
            Mend: $"{OutputText.ReadTheLog}; does args change the reporter?");

    public static AegisError NotTap() => new("AEGIS2366",
        "npm test printed no TAP, so the single tests are not known", "TAP 13 or 14 on stdout",
        Mend: "name the framework, or let the test script print TAP");

    public static AegisError ExitCode(string runner, int exitCode, string? line) => new("AEGIS2367",
        $"every test passed, but {runner} ended with exit code {exitCode}", "exit code 0", line,
        $"{OutputText.ReadTheLog}; it may be a threshold, a leak or an error outside the tests");

    public static AegisError TimedOut(string runner, TimeSpan? after) => new("AEGIS2368",
        $"{runner} was ended at its time limit",
        after is { } limit ? string.Create(CultureInfo.InvariantCulture,
            $"an end within {limit.TotalMilliseconds:0} ms")
            : null, Mend: "give the step a longer timeout; does a test wait for something?");

    public static AegisError AllSkipped(string runner, int skipped) => new("AEGIS2369",
        $"{runner} skipped every one of {skipped} tests", "at least one test that ran",
        Mend: "what skips them?");

    private static string Shown(TestCase test)
    {
        var place = test.File is null || test.File == test.Name ? test.Name : $"{test.Name} ({test.File})";
        return place.Length > 160 ? place[..160] + "…" : place;
    }
}
