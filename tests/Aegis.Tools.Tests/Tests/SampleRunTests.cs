using System.Collections.Immutable;
using System.Diagnostics;
using Aegis.Core.Plans;
using Aegis.Gate;
using Aegis.Sandbox;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Tests;

/// <summary>The samples of other languages by their real runners, through the real gate, inside the real
/// walls: one test passes, one fails with its place, one is skipped with its reason.</summary>
[Trait("Category", "Slow")]
public sealed class SampleRunTests(ReviewGate gate) : IClassFixture<ReviewGate>
{
    private static readonly string Samples = Path.Combine(NodeProject.RepositoryRoot(), "samples");

    [Fact]
    public async Task Go_Sample_IsToldTestByTest() => AssertThree(
        await RunAsync(gate, "go-app"), "go", "example.org/stock/stock > TestNothingIsOne", "stock_test.go",
        13, "got 0, want 1");

    [Fact]
    public async Task Cargo_Sample_IsToldTestByTest() => AssertThree(
        await RunAsync(gate, "rust-app"), "cargo", "tests::nothing_is_one", "src/lib.rs", 19,
        "an empty shelf");

    [Fact]
    public async Task Maven_Sample_IsToldTestByTest() => AssertThree(await RunAsync(gate, "java-app",
        "-Dmaven.repo.local=/work/m2"), "maven", "stock.StockTest > nothingIsOne", "stock/StockTest.java", 16,
        "an empty shelf");

    [Fact]
    public async Task Dotnet_Sample_IsToldTestByTest()
    {
        var packages = await PackagesAsync();
        var own = new ReviewGate
        {
            Mounts = [new ReadOnlyMount(packages, "/opt/aegis/nuget")],
            SandboxEnv = ImmutableSortedDictionary<string, string>.Empty
                .Add("NUGET_PACKAGES", "/opt/aegis/nuget"),
        };
        await own.InitializeAsync();
        try
        {
            AssertThree(await RunAsync(own, "dotnet-app"), "dotnet", "Stock.Tests.ShelfTests.NothingIsOne",
                "Stock.Tests/ShelfTests.cs", 11, "Actual:   0");
        }
        finally
        {
            await own.DisposeAsync();
            Directory.Delete(packages, recursive: true);
        }
    }

    [Fact]
    public async Task Tsc_Sample_CountsItsDiagnostics()
    {
        var result = await RunAsync(gate, "ts-app");
        TestsRunTests.AssertCounts(result, ok: false, passed: 1, failed: 1, skipped: 0);
        var test = result.Output("tests")[0];
        Assert.Equal(("tsc", "src/use.ts > TS2322", "src/use.ts", 3), (result.Output("framework").GetString(),
            test.GetProperty("name").GetString(), test.GetProperty("file").GetString(),
            test.GetProperty("line").GetInt32()));
        Assert.Equal("src/count.ts", result.Output("tests")[1].GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("go-app", "go", "stock/stock.go", "package stock\nfunc Count(", "[")]
    [InlineData("rust-app", "cargo", "src/lib.rs", "fn x( {\n#[test]\n", "error: ")]
    [InlineData("java-app", "maven", "src/main/java/stock/Stock.java", "class {", "[ERROR] ")]
    public async Task Run_WhatDoesNotBuild_IsAnErrorAndNotZeroFailed(string sample, string framework,
        string file, string text, string said)
    {
        var args = framework == "maven" ? new[] { "-Dmaven.repo.local=/work/m2" } : [];
        var result = await RunAsync(gate, sample, (file, text), args);
        Assert.False(result.Ok);
        if (framework == "go")
        {
            // go tells of a package that it could not build, and goes on with the others
            result.MustFail("AEGIS2364");
            Assert.Contains("(the package itself)", result.Error!.Message, StringComparison.Ordinal);
            return;
        }
        result.MustFail("AEGIS2365");
        Assert.Contains(said, result.Error!.Got, StringComparison.Ordinal);
        var suite = result.Output("suites")[0];
        Assert.Equal((framework, "error"),
            (suite.GetProperty("framework").GetString(), suite.GetProperty("status").GetString()));
        Assert.False(suite.TryGetProperty("failed", out _));
        Assert.False(result.Outputs!.Value.TryGetProperty("failed", out _));
    }

    [Fact]
    public async Task Run_All_AggregatesEveryFramework()
    {
        var context = await gate.OpenAsync("run_all", [.. Files("go-app"), .. Files("ts-app"),
            ("test_a.py", "def test_a():\n    assert True\n")]);
        (await gate.CallAsync(context, "tests.run", new { })).Result.MustFail("AEGIS2362");
        var result = (await gate.CallAsync(context, "tests.run", new { framework = "all" })).Result;
        TestsRunTests.AssertCounts(result, ok: false, passed: 3, failed: 2, skipped: 1);
        Assert.Equal(["pytest passed 1", "go failed 3", "tsc failed 2"],
            result.Output("suites").EnumerateArray().Select(suite =>
                $"{suite.GetProperty("framework").GetString()} "
                + $"{suite.GetProperty("status").GetString()} {suite.GetProperty("total").GetInt32()}"));
        Assert.Contains("also not green: tsc", result.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("pytest: 1 passed, 0 failed, 0 skipped", result.Text, StringComparison.Ordinal);
        Assert.Contains(
            "skipped: example.org/stock/stock > TestInParallel (stock_test.go)\n  stock_test.go:18: not yet",
            result.Text, StringComparison.Ordinal);
        await gate.CloseAsync(context);
    }

    private static void AssertThree(ToolResult result, string framework, string failed, string file, int line,
        string message)
    {
        TestsRunTests.AssertCounts(result, ok: false, passed: 1, failed: 1, skipped: 1);
        Assert.Equal(framework, result.Output("framework").GetString());
        Assert.InRange(result.Output("suites")[0].GetProperty("duration_ms").GetDouble(), 1, 600_000);
        var tests = result.Output("tests");
        Assert.Equal((failed, file, line), (tests[0].GetProperty("name").GetString(),
            tests[0].GetProperty("file").GetString(), tests[0].GetProperty("line").GetInt32()));
        Assert.Contains(message, tests[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("skipped", tests[1].GetProperty("status").GetString());
        Assert.Contains("not yet", tests[1].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static Task<ToolResult> RunAsync(ReviewGate gate, string sample, params string[] args) =>
        RunAsync(gate, sample, ("README.md", "a sample\n"), args);

    private static async Task<ToolResult> RunAsync(ReviewGate gate, string sample, (string, string) changed,
        string[] args)
    {
        var run = $"run_{sample}_{changed.Item1.Length}";
        var context = await gate.OpenAsync(run, [.. Files(sample), changed]) with
        {
            Policy = new PlanPolicy(["cp"], [], null, null),
        };
        if (sample == "java-app")
        {
            // Debian's own repository of Maven; Maven writes beside what it reads
            (await gate.CallAsync(context, "shell.exec",
                new { cmd = "cp -as /usr/share/maven-repo /work/m2" })).Result.MustWork();
        }
        var result = (await gate.CallAsync(context, "tests.run", new { args })).Result;
        await gate.CloseAsync(context);
        return result;
    }

    private static (string, string)[] Files(string sample)
    {
        var root = Path.Combine(Samples, sample);
        return [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)
                && !file.Contains("/bin/", StringComparison.Ordinal)
                && !file.Contains("/target/", StringComparison.Ordinal))
            .Select(file => (Path.GetRelativePath(root, file), File.ReadAllText(file)))];
    }

    // what an administrator fills AEGIS_NUGET_PACKAGES with
    private static async Task<string> PackagesAsync()
    {
        var work = Directory.CreateTempSubdirectory("aegis-dotnet-").FullName;
        var packages = Directory.CreateTempSubdirectory("aegis-nuget-").FullName;
        WorkFiles.Write(work, Files("dotnet-app"));
        var start = new ProcessStartInfo("dotnet",
            ["restore", "Stock.Tests", "--packages", packages, "--nologo"])
        {
            WorkingDirectory = work,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet restore: {said}");
        Directory.Delete(work, recursive: true);
        // a sandbox has a user of its own
        File.SetUnixFileMode(packages, File.GetUnixFileMode(packages) | UnixFileMode.OtherRead
            | UnixFileMode.OtherExecute);
        return packages;
    }
}
