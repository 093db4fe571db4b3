using System.Collections.Immutable;

namespace Aegis.Tools.Tests;

/// <summary>How a framework's runner is called and in what form it reports.</summary>
/// <param name="Name">As in a workflow.</param>
/// <param name="Binary">The program that it needs: the project's own below node_modules/.bin, or one of the
/// system; null for one that is always there.</param>
/// <param name="Command">From the runner's path and the report's path to its arguments.</param>
public sealed record TestFramework(string Name, ReportForm Form, string? Binary,
    Func<string, string, ImmutableArray<string>> Command)
{
    public static ImmutableArray<TestFramework> All { get; } =
    [
        new("jest", ReportForm.JestJson, "jest", (jest, report) =>
            [jest, "--ci", "--watchman=false", "--json", $"--outputFile={report}"]),
        new("vitest", ReportForm.JUnit, "vitest", (vitest, report) =>
            [vitest, "run", "--reporter=default", "--reporter=junit", $"--outputFile.junit={report}"]),
        new("node:test", ReportForm.Tap, null, (_, report) =>
            ["node", "--test", "--test-reporter=spec", "--test-reporter-destination=stdout",
                "--test-reporter=tap", $"--test-reporter-destination={report}"]),
        // the cache would be sealed into the task's layer; xunit1 names the file of each test
        new("pytest", ReportForm.JUnit, null, (_, report) =>
            ["/usr/bin/python3", "-m", "pytest", "-p", "no:cacheprovider", $"--junitxml={report}",
                "-o", "junit_family=xunit1"]),
        new("unittest", ReportForm.JUnit, null, (_, report) =>
            ["/usr/bin/python3", "-c", UnittestShim.Source, report]),
        // whatever npm's script runs: read where it prints TAP
        new("npm", ReportForm.TapOnStdout, null, (_, _) => ["npm", "test", "--"]),
        new("dotnet", ReportForm.Trx, "dotnet", (_, report) =>
            ["bash", "-c", RunnerScripts.Dotnet, "dotnet", report]),
        new("go", ReportForm.GoOnStdout, "go", (go, _) => [go, "test", "-json", "./..."]),
        new("cargo", ReportForm.CargoOnStdout, "cargo", (cargo, _) =>
            ["bash", "-c", RunnerScripts.Cargo, "cargo", cargo]),
        new("maven", ReportForm.JUnit, "mvn", (mvn, report) =>
            ["bash", "-c", RunnerScripts.Maven, "maven", report, mvn]),
        new("tsc", ReportForm.TscOnStdout, "tsc", (tsc, _) =>
            [tsc, "--noEmit", "--pretty", "false", "--listFiles"]),
    ];

    /// <summary>No file: what the runner prints is the report.</summary>
    public bool OnStdout => Form is ReportForm.TapOnStdout or ReportForm.GoOnStdout
        or ReportForm.CargoOnStdout or ReportForm.TscOnStdout;

    /// <summary>Builds before it tests: no test and another exit code than 0 is a build that failed, not a
    /// project without tests.</summary>
    public bool Builds => Name is "dotnet" or "go" or "cargo" or "maven";

    /// <summary>The command for some test files alone, from the whole one; null where the runner takes
    /// none.</summary>
    public Func<ImmutableArray<string>, ImmutableArray<string>, ImmutableArray<string>>? Selects =>
        Name switch
        {
            "jest" => (command, files) => [.. command, "--runTestsByPath", .. files],
            "vitest" or "node:test" or "pytest" => (command, files) => [.. command, .. files],
            // a package is a folder
            "go" => (command, files) => [.. command.Where(word => word != "./..."),
                .. files.Select(file => "./" + Path.GetDirectoryName(file)).Distinct()],
            _ => null,
        };

    public static TestFramework? Find(string name) => All.FirstOrDefault(framework => framework.Name == name);
}

public enum ReportForm
{
    JUnit,
    Tap,
    JestJson,
    Trx,
    TapOnStdout,
    GoOnStdout,
    CargoOnStdout,
    TscOnStdout,
}
