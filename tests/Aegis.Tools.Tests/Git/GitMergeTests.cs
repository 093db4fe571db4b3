using Aegis.Tools.Git;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Git;

public sealed class GitMergeTests : IDisposable
{
    private readonly GitFixture git = new();

    public void Dispose() => git.Dispose();

    [Fact]
    public async Task Branches_AreMergedInTheirOrder_EachWithACommit()
    {
        Branch("task/one", "one.txt", "1\n");
        Branch("task/two", "two.txt", "2\n");
        using var execution = await git.ClonedAsync("main");
        var result = (await Merge(execution, "task/one", "task/two", "task/one", "main")).MustWork();
        var app = Path.Combine(execution.Work, "app");
        Assert.Equal((GitFixture.Run(app, "rev-parse", "HEAD"), "[\"task/one\",\"task/two\"]", "[\"main\"]"),
            (result.Output("sha").GetString(), result.Output("merged").GetRawText(),
            result.Output("present").GetRawText()));
        Assert.True(result.Output("clean").GetBoolean());
        Assert.Equal(["Merge branch 'task/two'", "Merge branch 'task/one'"],
            GitFixture.Run(app, "log", "--merges", "--format=%s").Split('\n'));
        Assert.Equal(("1\n", "2\n"), (File.ReadAllText(Path.Combine(app, "one.txt")),
            File.ReadAllText(Path.Combine(app, "two.txt"))));
        Assert.Equal("", GitFixture.Run(app, "remote"));
    }

    [Fact]
    public async Task Conflict_StopsThere_AndGoesOnOnceItIsMended()
    {
        Branch("task/one", "src/a.txt", "left\n");
        Branch("task/two", "src/a.txt", "right\n");
        Branch("task/three", "three.txt", "3\n");
        using var execution = await git.ClonedAsync("main");
        var first = (await Merge(execution, "task/one", "task/two", "task/three")).MustWork();
        Assert.Equal(("task/two", "[\"src/a.txt\"]", "[\"task/three\"]", false),
            (first.Output("conflict").GetString(), first.Output("conflicts").GetRawText(),
            first.Output("left").GetRawText(), first.Output("clean").GetBoolean()));
        var file = Path.Combine(execution.Work, "app", "src", "a.txt");
        Assert.Contains("<<<<<<<", File.ReadAllText(file), StringComparison.Ordinal);

        (await Merge(execution, "task/three")).MustFail("AEGIS2730");
        File.WriteAllText(file, "both\n");
        (await new GitCommit().CallAsync(execution, new { message = "both" })).MustWork();
        var rest = (await Merge(execution, "task/two", "task/three")).MustWork();
        Assert.Equal(("[\"task/two\"]", "[\"task/three\"]"),
            (rest.Output("present").GetRawText(), rest.Output("merged").GetRawText()));
    }

    [Fact]
    public async Task Branch_ThatIsNotThere_OrIsNoName_IsRefused()
    {
        using var execution = await git.ClonedAsync("main");
        (await Merge(execution, "nowhere")).MustFail("AEGIS2134");
        (await Merge(execution, "--upload-pack=x")).MustFail("AEGIS2133");
        (await Merge(execution)).MustFail("AEGIS2001");
    }

    [Theory]
    [InlineData(GitMerge.BranchesMax, "AEGIS2134")]
    [InlineData(GitMerge.BranchesMax + 1, "AEGIS2001")]
    public async Task Branches_AreBounded(int count, string code)
    {
        using var execution = await git.ClonedAsync("main");
        (await Merge(execution, [.. Enumerable.Range(0, count).Select(i => $"none-{i}")])).MustFail(code);
    }

    private void Branch(string name, string path, string content)
    {
        GitFixture.Run(git.Seed, "checkout", "-q", "-b", name, "main");
        git.Commit(path, content, name);
        GitFixture.Run(git.Seed, "push", "-q", git.Bare, name);
    }

    private static async Task<Gate.ToolResult> Merge(HostExecution execution, params string[] branches) =>
        await new GitMerge().CallAsync(execution, new { branches });
}
