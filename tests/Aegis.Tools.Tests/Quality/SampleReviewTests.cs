using Aegis.Tools.Quality;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Quality;

/// <summary>The samples as the demo runs them: the feature's commit is stopped by the review, its repair is
/// not, and the tests pass in both.</summary>
[Collection(nameof(NodeCollection))]
public sealed class SampleReviewTests(NodeProject project)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Node_Sample(bool repaired)
    {
        using var execution = new HostExecution(work: project.Work);
        var name = $"sample-{repaired}";
        Lay("node-app", Path.Combine(project.App, name), repaired);
        await AssertAsync(execution, $"/work/app/{name}", repaired, "eslint", "no-eval", "src/discount.js",
            "jest");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Python_Sample(bool repaired)
    {
        using var execution = new HostExecution();
        Lay("python-app", Path.Combine(execution.Work, "app"), repaired);
        await AssertAsync(execution, "/work/app", repaired, "bandit", "B602", "stocktake/archive.py",
            "pytest");
    }

    private static async Task AssertAsync(HostExecution execution, string cwd, bool repaired, string scanner,
        string rule, string file, string framework)
    {
        var review = await new QaReview().CallAsync(execution, new { cwd, ruleset = "strict" });
        Assert.True(repaired == review.Ok, $"{review.Error} {review.Text}");
        Assert.Equal("ran", QaReviewTests.Scanner(review, scanner, "status"));
        Assert.Equal(!repaired, review.Output("findings").EnumerateArray().Any(finding =>
            finding.GetProperty("rule").GetString() == rule
                && finding.GetProperty("file").GetString() == file));
        var tests = (await new TestsRun().CallAsync(execution, new { cwd, framework })).MustWork();
        Assert.True(tests.Output("passed").GetInt32() > 0);
    }

    private static void Lay(string sample, string target, bool repaired)
    {
        var parts = repaired ? new[] { "base", "feature", "fix" } : ["base", "feature"];
        foreach (var part in parts.Select(p =>
            Path.Combine(NodeProject.RepositoryRoot(), "samples", sample, p)))
        {
            foreach (var from in Directory.GetFiles(part, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(target, Path.GetRelativePath(part, from));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(from, to, overwrite: true);
            }
        }
    }
}
