using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Tests;

[Collection(nameof(NodeCollection))]
public sealed class JestRunTests(NodeProject project) : IDisposable
{
    private static readonly TestsRun Tool = new();
    private readonly HostExecution _execution = new(work: project.Work);

    public void Dispose() => _execution.Dispose();

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Run_Jest_GivesEachTest(int sum, bool ok)
    {
        var cwd = project.Folder($"jest-{sum}", ("package.json", """{"scripts":{"test":"jest"}}"""),
            ("sum.test.js", $$"""
            describe('sum', () => { test('adds', () => expect(1 + 1).toBe({{sum}})); });
            test.skip('later', () => {});
            """));
        var result = await Tool.CallAsync(_execution, new { cwd });
        TestsRunTests.AssertCounts(result, ok, ok ? 1 : 0, ok ? 0 : 1, 1);
        Assert.Equal("jest", result.Output("framework").GetString());
        // what was skipped stands before what passed
        var test = result.Output("tests")[ok ? 1 : 0];
        Assert.Equal(("sum > adds", "sum.test.js"),
            (test.GetProperty("name").GetString(), test.GetProperty("file").GetString()));
    }

    [Fact]
    public async Task Run_JestWithABrokenFile_Fails()
    {
        var cwd = project.Folder("jest-broken", ("package.json", "{}"), ("a.test.js", "test('a', () => {});"),
            ("b.test.js", "throw new Error('boom');"));
        TestsRunTests.AssertCounts(await Tool.CallAsync(_execution, new { cwd, framework = "jest" }), false,
            1, 1, 0);
    }

    [Fact]
    public async Task Run_JestWithoutTests_IsAFailureAlsoWhereItIsToldToPass()
    {
        var cwd = project.Folder("jest-none", ("package.json", "{}"), ("a.js", ""));
        (await Tool.CallAsync(_execution, new { cwd, framework = "jest" })).MustFail("AEGIS2363");
        (await Tool.CallAsync(_execution,
            new { cwd, framework = "jest", args = new[] { "--passWithNoTests" } }))
            .MustFail("AEGIS2363");
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Run_JestMissingACoverageThreshold_FailsThoughEveryTestPassed()
    {
        var cwd = project.Folder("jest-coverage", ("package.json", """
            {"jest":{"collectCoverage":true,"coverageThreshold":{"global":{"lines":100}}}}
            """), ("a.js", "module.exports = (x) => {\n  if (x) {\n    return 1;\n  }\n  return 2;\n};\n"),
            ("a.test.js", "test('a', () => expect(require('./a')(1)).toBe(1));"));
        (await Tool.CallAsync(_execution, new { cwd, framework = "jest" })).MustFail("AEGIS2367");
    }
}
