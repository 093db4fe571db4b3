using System.Text;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Quality;

/// <summary>The same tools through the real gate, inside the real walls.</summary>
public sealed class RealSandboxTests(ReviewGate gate) : IClassFixture<ReviewGate>
{
    [Fact]
    public async Task Review_AllScanners_RunInsideTheWalls()
    {
        var context = await gate.OpenAsync("run_review", ("a.js", "module.exports = (f) => eval(f);\n"),
            ("b.py", "import subprocess\nsubprocess.run(\"ls\" + input(), shell=True)\n"),
            ("c.sh", "#!/bin/sh\ncd \"$1\"\nrm x\n"));
        var result = (await gate.CallAsync(context, "qa.review", new { ruleset = "strict" })).Result;
        result.MustFail("AEGIS2380");
        QaReviewTests.AssertFinding(result, "error", "eslint", "no-eval", "a.js", 1);
        QaReviewTests.AssertFinding(result, "error", "bandit", "B602", "b.py", 2);
        QaReviewTests.AssertFinding(result, "warning", "shellcheck", "SC2164", "c.sh", 2);
        Assert.Equal("ran", QaReviewTests.Scanner(result, "secrets", "status"));
        await gate.CloseAsync(context);
    }

    [Theory]
    [InlineData("node:test", "a.test.js", "require('node:test').test('a', () => {});")]
    [InlineData("pytest", "test_a.py", "def test_a():\n    assert True\n")]
    [InlineData("unittest", "test_a.py",
        "import unittest\nclass A(unittest.TestCase):\n    def test_a(self): pass\n")]
    public async Task Tests_RunInsideTheWalls(string framework, string file, string text)
    {
        var context = await gate.OpenAsync($"run_{framework.Replace(':', '-')}", (file, text));
        var result = (await gate.CallAsync(context, "tests.run", new { })).Result.MustWork();
        Assert.Equal((framework, 1), (result.Output("framework").GetString(), result.Output("passed")
            .GetInt32()));
        await gate.CloseAsync(context);
    }

    [Fact]
    public async Task Tests_ThatPrintASecret_ShowItNowhere()
    {
        var context = await gate.OpenAsync("run_secret", ("test_a.py", """
            secret = "s3cret-of-" + "the-gate"
            def test_a():
                print(secret)
                assert secret == ""
            """));
        var outcome = await gate.CallAsync(context, "tests.run", new { });
        outcome.Result.MustFail("AEGIS2364");
        var log = new StringBuilder();
        await foreach (var piece in gate.Logs.Reader.ReadAsync(outcome.Log!, 0))
        {
            log.Append(Encoding.UTF8.GetString(piece.Span));
        }
        Assert.Contains("***", log.ToString(), StringComparison.Ordinal);
        Assert.Contains("***", outcome.Result.OutputsText(), StringComparison.Ordinal);
        foreach (var shown in new[] { log.ToString(), outcome.Result.OutputsText(), outcome.Result.Text! })
        {
            Assert.DoesNotContain("s3cret-of-the-gate", shown, StringComparison.Ordinal);
        }
        await gate.CloseAsync(context);
    }
}
