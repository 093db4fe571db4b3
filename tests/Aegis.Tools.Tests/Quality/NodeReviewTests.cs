using Aegis.Tools.Quality;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Quality;

/// <summary>The project's own, newer eslint.</summary>
[Collection(nameof(NodeCollection))]
public sealed class NodeReviewTests(NodeProject project) : IDisposable
{
    private static readonly QaReview Tool = new();
    private readonly HostExecution _execution = new(work: project.Work);

    public void Dispose() => _execution.Dispose();

    [Theory]
    [InlineData("eval(text)", false)]
    [InlineData("Number(text)", true)]
    public async Task Review_TheSamplesConfiguration_FindsThePlantedEval(string body, bool ok)
    {
        var config = File.ReadAllText(Path.Combine(NodeProject.RepositoryRoot(),
            "samples/node-app/base/eslint.config.js"));
        var cwd = project.Folder($"review-{ok}", ("eslint.config.js", config),
            ("a.js", $"'use strict';\nmodule.exports = (text) => {body} ?? text?.length;\n"));
        var result = await Tool.CallAsync(_execution, new { cwd, ruleset = "strict" });
        Assert.True(ok == result.Ok, $"{result.Error} {result.Text}");
        Assert.Equal("9.39.1", QaReviewTests.Scanner(result, "eslint", "version"));
        if (!ok)
        {
            QaReviewTests.AssertFinding(result, "error", "eslint", "no-eval", "a.js", 2);
        }
    }

    [Fact]
    public async Task Review_WithoutConfiguration_TakesTheBuiltInRulesInTheirNewForm()
    {
        var cwd = project.Folder("review-none", ("a.js", "module.exports = () => eval('1');\n"),
            ("m.js", """
                import x from './a.js';
                export default class { #y = x?.z; get() { return this.#y; } }
                """));
        var result = await Tool.CallAsync(_execution, new { cwd });
        result.MustFail("AEGIS2380");
        QaReviewTests.AssertFinding(result, "error", "eslint", "no-eval", "a.js", 1);
        Assert.Equal(1, result.Output("total").GetInt32());
        Assert.Equal("built-in rules", QaReviewTests.Scanner(result, "eslint", "reason"));
    }

    [Fact]
    public async Task Review_OldConfiguration_IsTakenInItsOwnForm()
    {
        var cwd = project.Folder("review-old", (".eslintrc.json",
            """{"root":true,"parserOptions":{"ecmaVersion":2022},"rules":{"no-var":"error"}}"""),
                ("a.js", "var a = 1;\n"));
        var result = await Tool.CallAsync(_execution, new { cwd });
        QaReviewTests.AssertFinding(result, "error", "eslint", "no-var", "a.js", 1);
    }

    [Fact]
    public async Task Review_ConfigurationIsCode_RunsInTheSandboxOnly()
    {
        var cwd = project.Folder("review-hostile", ("eslint.config.js", """
            const fs = require('fs');
            console.log('[{"filePath":"forged"}]');
            for (const path of ['/outside', '/usr/outside', '/etc/outside']) {
              try { fs.writeFileSync(path, 'x'); } catch {}
            }
            module.exports = [{ files: ['**/*.js'], rules: { 'no-eval': 'error' } }];
            """), ("a.js", "eval(1);\n"));
        var result = await Tool.CallAsync(_execution, new { cwd });
        QaReviewTests.AssertFinding(result, "error", "eslint", "no-eval", "a.js", 1);
        Assert.All(new[] { "/outside", "/usr/outside", "/etc/outside" }, path =>
            Assert.False(File.Exists(path)));
        Assert.All(_execution.SandboxCommands, command => Assert.Equal("bash", command.Argv[0]));
        Assert.Empty(_execution.HostCommands);
    }

    [Fact]
    public async Task Review_IgnoredFiles_AreCounted()
    {
        var cwd = project.Folder("review-ignored", ("eslint.config.js",
            "module.exports = [{ ignores: ['b.js'] }, { files: ['**/*.js'], rules: {} }];\n"),
                ("a.js", "eval(1);\n"),
            ("b.js", "eval(1);\n"));
        var result = await Tool.CallAsync(_execution, new { cwd });
        Assert.Equal("1 files are ignored by its configuration",
            QaReviewTests.Scanner(result, "eslint", "reason"));
        Assert.Equal("2", QaReviewTests.Scanner(result, "eslint", "files"));
    }
}
