using System.Text.Json;
using Aegis.Gate;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Tests;

/// <summary>Real runners over real small projects, each planted with its defect beside the control without
/// it.</summary>
public sealed class TestsRunTests : IDisposable
{
    private static readonly TestsRun Tool = new();
    private readonly HostExecution _execution = new();

    private string App => Path.Combine(_execution.Work, "app");

    public void Dispose() => _execution.Dispose();

    [Theory]
    [InlineData("assert.equal(1 + 1, 2)", true)]
    [InlineData("assert.equal(1 + 1, 3)", false)]
    public async Task Run_NodeTest_GivesEachTest(string check, bool ok)
    {
        Project(("sum.test.js", $$"""
            const { test, describe, it } = require('node:test');
            const assert = require('node:assert');
            describe('sum', () => { it('adds', () => { {{check}}; }); });
            test('later', { skip: 'not yet' }, () => {});
            """), ("empty.test.js", "// no test in here\n"));
        var result = await RunAsync(new { });
        Assert.Equal("node:test", result.Output("framework").GetString());
        AssertCounts(result, ok, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 1);
        // what was skipped stands before what passed
        var first = result.Output("tests")[ok ? 1 : 0];
        Assert.Equal("sum > adds", first.GetProperty("name").GetString());
        if (!ok)
        {
            Assert.Equal("sum.test.js", first.GetProperty("file").GetString());
            Assert.Contains("2 == 3", first.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("== 2", true)]
    [InlineData("== 3", false)]
    public async Task Run_Pytest_GivesEachTest(string check, bool ok)
    {
        Project(("tests/test_sum.py", $"""
            import pytest
            def test_adds():
                assert 1 + 1 {check}
            @pytest.mark.skip(reason="not yet")
            def test_later():
                pass
            """));
        var result = await RunAsync(new { });
        Assert.Equal("pytest", result.Output("framework").GetString());
        AssertCounts(result, ok, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 1);
        Assert.Equal("tests/test_sum.py", result.Output("tests")[0].GetProperty("file").GetString());
        Assert.Empty(Directory.GetFileSystemEntries(_execution.Work, ".aegis*"));
        Assert.Empty(Directory.GetDirectories(App, "__pycache__", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("2", true)]
    [InlineData("3", false)]
    public async Task Run_Unittest_GivesEachTestAlsoOfSubtests(string sum, bool ok)
    {
        Project(("tests/test_sum.py", $"""
            import unittest
            class Sum(unittest.TestCase):
                def test_adds(self):
                    for right in (2, {sum}):
                        with self.subTest(right=right):
                            self.assertEqual(1 + 1, right)
                @unittest.skip("not yet")
                def test_later(self):
                    pass
                @unittest.expectedFailure
                def test_known(self):
                    self.fail()
            """));
        var result = await RunAsync(new { });
        Assert.Equal("unittest", result.Output("framework").GetString());
        AssertCounts(result, ok, passed: ok ? 2 : 1, failed: ok ? 0 : 1, skipped: 1);
        Assert.Equal(ok ? "Sum > test_adds" : "Sum > test_adds (right=3)",
            result.Output("tests")[ok ? 1 : 0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Run_ImportErrors_AreFailuresOfUnittestAndPytest()
    {
        Project(("test_x.py", "import unittest\nimport nothing_like_it\n"));
        AssertCounts(await RunAsync(new { framework = "unittest" }), false, 0, 1, 0);
        AssertCounts(await RunAsync(new { framework = "pytest" }), false, 0, 1, 0);
    }

    [Theory]
    [InlineData("pytest")]
    [InlineData("unittest")]
    [InlineData("node:test")]
    public async Task Run_NoTests_IsAFailure(string framework)
    {
        Project(("README.md", "nothing"), ("empty.test.js", ""), ("test_nothing.py", ""));
        (await RunAsync(new { framework })).MustFail("AEGIS2363");
    }

    [Fact]
    public async Task Run_NothingToDetectOrTooMuch_SaysSo()
    {
        Project(("README.md", "nothing"));
        (await RunAsync(new { })).MustFail("AEGIS2363");
        Project(("a.test.js", ""), ("test_a.py", "import unittest"));
        var both = await RunAsync(new { });
        both.MustFail("AEGIS2362");
        Assert.Equal("node:test, unittest", both.Error!.Got);
        (await RunAsync(new { cwd = "/work/none" })).MustFail("AEGIS2360");
        (await RunAsync(new { framework = "jest" })).MustFail("AEGIS2361");
    }

    [Fact]
    public async Task Run_EveryTestSkipped_IsAFailure()
    {
        Project(("a.test.js", "require('node:test').test('a', { skip: true }, () => {});"));
        (await RunAsync(new { })).MustFail("AEGIS2369");
    }

    [Fact]
    public async Task Run_RunnerDies_IsAFailureWithTheReason()
    {
        Project(("test_a.py", "import os, unittest\nos.write(2, b'out of ideas\\n')\nos._exit(9)\n"));
        var result = await RunAsync(new { });
        result.MustFail("AEGIS2365");
        Assert.Equal("exit code 9, out of ideas", result.Error!.Got);
    }

    [Fact]
    public async Task Run_AllPassedButTheExitCodeIsNot0_IsAFailure()
    {
        Project(("conftest.py", "def pytest_sessionfinish(session):\n    session.exitstatus = 3\n"),
            ("test_a.py", "def test_a(): pass\n"));
        var result = await RunAsync(new { });
        result.MustFail("AEGIS2367");
        Assert.Equal(1, result.Output("passed").GetInt32());
    }

    [Fact]
    public async Task Run_AForgedReport_DoesNotReachThroughXml()
    {
        Project(("conftest.py", """
            import atexit, glob, os
            def forge():
                for folder in glob.glob("/work/.aegis-tests-*"):
                    with open(folder + "/report", "w") as report:
                        report.write('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')
                        report.write('<testsuite name="&e;"/>')
            atexit.register(forge)
            """), ("test_a.py", "def test_a(): pass\n"));
        (await RunAsync(new { })).MustFail("AEGIS2366");
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Run_TooSlow_IsEnded()
    {
        Project(("a.test.js", """
            require('node:test').test('a', () => new Promise(() => setInterval(() => {}, 1000)));
            """));
        (await RunAsync(new { timeout = "3s" })).MustFail("AEGIS2368");
    }

    [Theory]
    [InlineData("TAP version 13\\\\nok 1 - a\\\\n1..1", null)]
    [InlineData("all is well", "AEGIS2366")]
    public async Task Run_NpmTest_IsReadWhereItPrintsTap(string output, string? code)
    {
        Project(("package.json", "{\"scripts\":{\"test\":\"printf '" + output + "\\\\n'\"}}"));
        var result = await RunAsync(new { });
        if (code is null)
        {
            AssertCounts(result, true, 1, 0, 0);
        }
        else
        {
            result.MustFail(code);
        }
    }

    [Fact]
    public async Task Run_ThousandTests_ListsFailuresFirstWithinTheBound()
    {
        Project(("test_many.py", """
            import pytest
            @pytest.mark.parametrize("n", range(1000))
            def test_n(n):
                assert n != 999, "x" * 5000
            """));
        var result = await RunAsync(new { });
        AssertCounts(result, false, 999, 1, 0);
        Assert.Equal(TestVerdict.ListedMax, result.Output("listed").GetInt32());
        Assert.Equal("test_n[999]", result.Output("tests")[0].GetProperty("name").GetString());
        Assert.InRange(result.OutputsText().Length, 1, 64 * 1024);
    }

    [Theory]
    [InlineData("""{"framework":"mocha"}""")]
    [InlineData("""{"timeout":0}""")]
    [InlineData("""{"args":["a\u0000b"]}""")]
    public void Check_WrongInput_IsRefusedAtPlanTime(string input) =>
        Assert.Equal("AEGIS2001", Tool.Check(JsonDocument.Parse(input).RootElement)?.Code);

    private void Project(params (string Path, string Text)[] files) => WorkFiles.Write(App, files);

    private Task<ToolResult> RunAsync(object input) => Tool.CallAsync(_execution, input);

    internal static void AssertCounts(ToolResult result, bool ok, int passed, int failed, int skipped)
    {
        Assert.True(result.Outputs?.TryGetProperty("total", out _) == true, $"{result.Error} {result.Text}");
        Assert.Equal((passed, failed, skipped, passed + failed + skipped),
            (result.Output("passed").GetInt32(),
            result.Output("failed").GetInt32(), result.Output("skipped").GetInt32(),
            result.Output("total").GetInt32()));
        Assert.True(ok == result.Ok, $"{result.Error}");
        Assert.Equal(ok ? null : "AEGIS2364", result.Error?.Code);
    }
}
