using System.Diagnostics;
using System.Text.Json;
using Aegis.Gate;
using Aegis.Tools.Quality;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Quality;

/// <summary>The real scanners over small repositories, each planted with its defect beside the control
/// without it.</summary>
public sealed class QaReviewTests : IDisposable
{
    private static readonly QaReview Tool = new();
    private readonly HostExecution _execution = new();

    private string App => Path.Combine(_execution.Work, "app");

    public void Dispose() => _execution.Dispose();

    [Fact]
    public async Task Review_SystemEslint_FindsEvalByItsBuiltInRules()
    {
        Project(("src/price.js", "'use strict';\nmodule.exports = (f) => eval(f);\n"));
        var result = await ReviewAsync("default");
        result.MustFail("AEGIS2380");
        Assert.Contains("src/price.js:2 no-eval", result.Error!.Message, StringComparison.Ordinal);
        AssertFinding(result, "error", "eslint", "no-eval", "src/price.js", 2);
        Assert.Equal(("ran", "built-in rules"),
            (Scanner(result, "eslint", "status"), Scanner(result, "eslint", "reason")));

        Project(("src/price.js", "'use strict';\nmodule.exports = (f) => Number(f);\n"));
        Assert.Equal(0, (await ReviewAsync("strict")).MustWork().Output("blocking").GetInt32());
    }

    [Fact]
    public async Task Review_ModulesAndScripts_AreBothRead()
    {
        Project(("a.mjs", "export default 1;\n"),
            ("b.js", "import a from './a.mjs';\n\nexport const b = a;\n"),
            ("c.js", "module.exports = 1;\n"));
        (await ReviewAsync("strict")).MustWork();
    }

    [Fact]
    public async Task Review_ProjectsOwnConfiguration_IsTaken()
    {
        Project((".eslintrc.json", """{"root":true,"env":{"es6":true},"rules":{"no-console":"error"}}"""),
            ("a.js", "console.log(1);\n"));
        var result = await ReviewAsync("default");
        AssertFinding(result, "error", "eslint", "no-console", "a.js", 1);
        Assert.Null(Scanner(result, "eslint", "reason"));
    }

    [Fact]
    public async Task Review_BrokenEslintConfiguration_IsNotRunAndStrictFails()
    {
        Project((".eslintrc.js", "throw new Error('no config today');\n"), ("a.js", "module.exports = 1;\n"));
        var strict = await ReviewAsync("strict");
        strict.MustFail("AEGIS2381");
        Assert.Equal("not_run", Scanner(strict, "eslint", "status"));
        Assert.Contains("eslint (it ended with exit code 2: ", strict.Error!.Message,
            StringComparison.Ordinal);
        Assert.Contains("no config today", strict.Error!.Message, StringComparison.Ordinal);
        (await ReviewAsync("default")).MustWork();
    }

    [Fact]
    public async Task Review_ConfigurationThatIgnoresEverything_IsNotRun()
    {
        Project((".eslintignore", "*.js\n"), ("a.js", "eval(1);\n"));
        var result = await ReviewAsync("strict");
        result.MustFail("AEGIS2381");
        Assert.Equal("its configuration ignores every file", Scanner(result, "eslint", "reason"));
    }

    [Fact]
    public async Task Review_Bandit_FindsAShellCall()
    {
        Project(("pack.py", """
            import subprocess
            def pack(d):
                subprocess.run(f"tar {d}", shell=True)
            """));
        var result = await ReviewAsync("default");
        result.MustFail("AEGIS2380");
        AssertFinding(result, "error", "bandit", "B602", "pack.py", 3);

        Project(("pack.py", """
            import subprocess
            def pack(d):
                subprocess.run(["tar", d])
                assert d
            """));
        var control = (await ReviewAsync("strict")).MustWork();
        AssertFinding(control, "note", "bandit", "B404", "pack.py", 1);
        Assert.Equal(0, control.Output("blocking").GetInt32());
    }

    [Fact]
    public async Task Review_PythonThatCannotBeParsed_IsAFinding()
    {
        Project(("bad.py", "def (:\n"));
        AssertFinding(await ReviewAsync("default"), "error", "bandit", "unparsed", "bad.py", 1);
    }

    [Fact]
    public async Task Review_Shellcheck_BlocksWarningsUnderStrictOnly()
    {
        Project(("bin/deploy", "#!/bin/bash\ncd \"$1\"\nrm -r build\n"));
        (await ReviewAsync("default")).MustWork();
        var result = await ReviewAsync("strict");
        result.MustFail("AEGIS2380");
        AssertFinding(result, "warning", "shellcheck", "SC2164", "bin/deploy", 2);

        Project(("bin/deploy", "#!/bin/bash\ncd \"$1\" || exit 1\nrm -r build\n"),
            ("lib.sh", "f() { echo \"$1\"; }\n"));
        var control = (await ReviewAsync("strict")).MustWork();
        Assert.Equal("2", Scanner(control, "shellcheck", "files"));
    }

    [Fact]
    public async Task Review_Secrets_AreFoundAndNeverShown()
    {
        var token = "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a";
        Project(("config.txt", $"one\n  token {token}\n"),
            ("app.ini", "password = \"pR7x!kq29Zv_Lm4t\"\ndb=postgres://app:tr0ub4dor3@db.internal/x\n"));
        var result = await ReviewAsync("default");
        result.MustFail("AEGIS2380");
        AssertFinding(result, "error", "secrets", "github-token", "config.txt", 2);
        AssertFinding(result, "warning", "secrets", "assigned-secret", "app.ini", 1);
        AssertFinding(result, "error", "secrets", "url-password", "app.ini", 2);
        foreach (var secret in new[] { token, "pR7x!kq29Zv", "tr0ub4dor3" })
        {
            Assert.DoesNotContain(secret, result.OutputsText() + result.Text
                + result.Error, StringComparison.Ordinal);
            Assert.All(_execution.Logged, line =>
                Assert.DoesNotContain(secret, line, StringComparison.Ordinal));
        }

        Project(("config.txt", "one\n  token ghp_yourTokenGoesHereyourTokenGoesHere12\n"),
            ("app.ini", """
                password = "${DB_PASSWORD}"
                db=postgres://app:changeme@db/x
                key = AKIAIOSFODNN7EXAMPLE
                """));
        (await ReviewAsync("strict")).MustWork();
    }

    [Fact]
    public async Task Review_NothingThatAppliesIsPresent_NothingIsCalledPassed()
    {
        Project(("README.md", "# text\n"));
        var result = (await ReviewAsync("strict")).MustWork();
        // the four that are built in read every text, and say of how many files something came
        Assert.Equal([.. Enumerable.Repeat("ran", 4), .. Enumerable.Repeat("not_run", 9)],
            result.Output("scanners").EnumerateArray().Select(s => s.GetProperty("status").GetString()));
        Assert.Equal(["secrets 1", "code 0", "dependencies 0", "licences 0"],
            result.Output("scanners").EnumerateArray().Take(4)
                .Select(s => $"{s.GetProperty("name").GetString()} {s.GetProperty("files").GetInt32()}"));
        Assert.Equal("there are no Python files", Scanner(result, "bandit", "reason"));
        var invocations = result.Output("sarif").GetProperty("runs").EnumerateArray()
            .Select(run => run.GetProperty("invocations")[0].GetProperty("executionSuccessful").GetBoolean());
        Assert.Equal([.. Enumerable.Repeat(true, 4), .. Enumerable.Repeat(false, 9)], invocations);
    }

    [Fact]
    public async Task Review_AGitRepository_ReviewsWhatWouldBeCommitted()
    {
        Project((".gitignore", "dist/\n"), ("dist/out.js", "eval(1);\n"), ("new.js", "eval(2);\n"),
            ("gone.js", "eval(3);\n"), ("-rf.js", "module.exports = 1;\n"),
                ("with space\tand tab.js", "eval(4);\n"));
        Git("init", "-q");
        Git("add", "gone.js");
        File.Delete(Path.Combine(App, "gone.js"));
        File.CreateSymbolicLink(Path.Combine(App, "link.js"), "/etc/passwd");
        var result = await ReviewAsync("default");
        Assert.Equal(["new.js", "with space\tand tab.js"],
            result.Output("findings").EnumerateArray().Select(f => f.GetProperty("file").GetString()));
        Assert.Equal("3", Scanner(result, "eslint", "files"));
    }

    [Fact]
    public async Task Review_Paths_NarrowTheReview()
    {
        Project(("a/x.js", "eval(1);\n"), ("ab/y.js", "eval(1);\n"), ("z.js", "eval(1);\n"));
        var result = await Tool.CallAsync(_execution, new { paths = new[] { "a", "./z.js" } });
        Assert.Equal(["a/x.js", "z.js"],
            result.Output("findings").EnumerateArray().Select(f => f.GetProperty("file").GetString()));
        (await Tool.CallAsync(_execution, new { paths = new[] { "none" } })).MustFail("AEGIS2384");
        (await Tool.CallAsync(_execution, new { cwd = "/work/none" })).MustFail("AEGIS2382");
    }

    [Fact]
    public async Task Review_ManyFindings_StaysWithinAResultAndLogsTheWholeSarif()
    {
        var line = "subprocess.run(f\"a {b}\", shell=True)\n";
        Project(("many.py", "import subprocess\nb = 1\n" + string.Concat(Enumerable.Repeat(line, 400))));
        var result = await ReviewAsync("default");
        result.MustFail("AEGIS2380");
        Assert.Equal(400, result.Output("blocking").GetInt32());
        Assert.True(result.Output("sarif").TryGetProperty("truncated", out _));
        Assert.InRange(result.OutputsText().Length, 30 * 1024, 64 * 1024);
        Assert.InRange(result.Output("findings").GetArrayLength(), 100, 200);
        using var sarif = JsonDocument.Parse(_execution.Logged[^1]);
        Assert.Equal(401, sarif.RootElement.GetProperty("runs").EnumerateArray().Single(run =>
            run.GetProperty("tool").GetProperty("driver").GetProperty("name").GetString() == "bandit")
            .GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task Review_FileAtTheReadingLimitAndPast()
    {
        var token = "\nghp" + "_16C7e42F292c6912E7710c838347Ae178B4a";
        Project(("fits.txt", new string('x', (1 << 20) - token.Length) + token),
            ("long.txt", new string('x', (1 << 20) - token.Length + 1) + token));
        var result = await ReviewAsync("default");
        AssertFinding(result, "error", "secrets", "github-token", "fits.txt", 2);
        Assert.Equal(1, result.Output("total").GetInt32());
        Assert.StartsWith("1 files were not read", Scanner(result, "secrets", "reason"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ruleset":"lax"}""")]
    [InlineData("""{"paths":["/etc"]}""")]
    [InlineData("""{"paths":["a/../../b"]}""")]
    [InlineData("""{"paths":[""]}""")]
    public void Check_WrongInput_IsRefusedAtPlanTime(string input) =>
        Assert.Equal("AEGIS2001", Tool.Check(JsonDocument.Parse(input).RootElement)?.Code);

    internal static void AssertFinding(ToolResult result, string severity, string tool, string rule,
        string file,
        int line)
    {
        Assert.True(result.Outputs is not null, $"{result.Error}");
        var all = result.Output("findings").EnumerateArray()
            .Select(f => (f.GetProperty("severity").GetString(),
            f.GetProperty("tool").GetString(), f.GetProperty("rule").GetString(), f.GetProperty("file")
                .GetString(),
            f.GetProperty("line").GetInt32())).ToList();
        Assert.True(all.Contains((severity, tool, rule, file, line)), string.Join('\n', all) + "\n"
            + result.Text);
    }

    internal static string? Scanner(ToolResult result, string name, string field) => result.Output("scanners")
        .EnumerateArray().Single(s => s.GetProperty("name").GetString() == name).GetProperty(field) is
        { ValueKind: not JsonValueKind.Null } value ? value.ToString() : null;

    private void Project(params (string Path, string Text)[] files) => WorkFiles.Write(App, files);

    private Task<ToolResult> ReviewAsync(string ruleset) => Tool.CallAsync(_execution, new { ruleset });

    private void Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = App })!;
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
