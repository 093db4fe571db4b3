using Aegis.Gate;
using Aegis.Tools.Git;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Git;

public sealed class GitToolsTests : IDisposable
{
    private readonly GitFixture git = new();

    public void Dispose() => git.Dispose();

    [Fact]
    public async Task Clone_OfTheRunsRepository_StandsAtItsCommitAndNamesNoPlaceOnTheHost()
    {
        using var execution = git.Execution();
        var result = (await new GitClone().CallAsync(execution, new { })).MustWork();
        Assert.Equal("{\"repository\":\"app\",\"path\":\"app\",\"branch\":\"feature\","
            + $"\"sha\":\"{git.FeatureSha}\",\"files\":3}}",
            result.OutputsText());
        var app = Path.Combine(execution.Work, "app");
        Assert.Equal("b\n", File.ReadAllText(Path.Combine(app, "src/b.txt")));
        Assert.Equal("feature", GitFixture.Run(app, "symbolic-ref", "--short", "HEAD"));
        Assert.Equal(git.MainSha, GitFixture.Run(app, "rev-parse", "origin/main"));
        Assert.Equal("", GitFixture.Run(app, "remote"));
        foreach (var file in Directory.GetFiles(Path.Combine(app, ".git"), "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(git.Bare, File.ReadAllText(file));
        }
    }

    [Fact]
    public async Task Clone_WhoseBranchMovedAway_TakesTheRunsCommit()
    {
        GitFixture.Run(git.Seed, "commit", "-q", "--amend", "-m", "rewritten");
        GitFixture.Run(git.Seed, "push", "-q", "-f", git.Bare, "feature");
        using var execution = git.Execution();
        var result = (await new GitClone().CallAsync(execution, new { })).MustWork();
        Assert.Equal(git.FeatureSha, result.Output("sha").GetString());
        var app = Path.Combine(execution.Work, "app");
        Assert.Equal(git.FeatureSha, GitFixture.Run(app, "rev-parse", "HEAD"));
        Assert.NotEqual(git.FeatureSha, GitFixture.Run(app, "rev-parse", "origin/feature"));
    }

    [Fact]
    public async Task Clone_IntoWhatIsThere_IsRefused()
    {
        using var execution = git.Execution();
        Directory.CreateDirectory(Path.Combine(execution.Work, "app"));
        File.WriteAllText(Path.Combine(execution.Work, "app", "mine"), "");
        (await new GitClone().CallAsync(execution, new { })).MustFail("AEGIS2131");
        (await new GitClone().CallAsync(execution, new { path = "../app" })).MustFail("AEGIS2100");
        Directory.CreateDirectory(Path.Combine(execution.Work, "empty"));
        (await new GitClone().CallAsync(execution, new { path = "empty" })).MustWork();
    }

    [Theory]
    [InlineData("nope", "AEGIS2141")]
    [InlineData("../web/app", "AEGIS2141")]
    public async Task Clone_OfAnotherRepository_MustBeInTheProject(string repository, string code)
    {
        using var execution = git.Execution();
        (await new GitClone().CallAsync(execution, new { repository })).MustFail(code);
    }

    [Fact]
    public async Task Clone_OfASibling_TakesItsBranch()
    {
        GitFixture.Run(git.Seed, "clone", "-q", "--bare", git.Bare,
            Path.Combine(Path.GetDirectoryName(git.Bare)!, "other.git"));
        using var execution = git.Execution();
        var result = (await new GitClone().CallAsync(execution,
            new { repository = "other", path = "o", branch = "main" })).MustWork();
        Assert.Equal(git.MainSha, result.Output("sha").GetString());
        (await new GitClone().CallAsync(execution,
            new { repository = "other", path = "p", branch = "none" })).MustFail("AEGIS2134");
    }

    [Fact]
    public async Task Clone_WithoutARepository_SaysSo()
    {
        using var execution = new HostExecution();
        (await new GitClone().CallAsync(execution, new { })).MustFail("AEGIS2130");
    }

    [Fact]
    public async Task Status_ListsEveryKindOfChange()
    {
        using var execution = await git.ClonedAsync();
        var app = Path.Combine(execution.Work, "app");
        var clean = (await new GitStatus().CallAsync(execution, new { })).MustWork();
        Assert.Equal($$"""{"branch":"feature","sha":"{{git.FeatureSha}}","clean":true,"changed":0}""",
            clean.OutputsText());
        File.WriteAllText(Path.Combine(app, "README.md"), "changed\n");
        File.WriteAllText(Path.Combine(app, "new file"), "");
        File.Delete(Path.Combine(app, "src/a.txt"));
        GitFixture.Run(app, "mv", "src/b.txt", "c.txt");
        var result = (await new GitStatus().CallAsync(execution, new { })).MustWork();
        Assert.Equal("R  c.txt\n M README.md\n D src/a.txt\n?? new file\n".Split('\n').Order(),
            result.Text!.Split('\n').Order());
        Assert.Equal(4, result.Output("changed").GetInt32());
    }

    [Fact]
    public async Task Status_WhereThereIsNoRepository_SaysSo()
    {
        using var execution = git.Execution();
        (await new GitStatus().CallAsync(execution, new { })).MustFail("AEGIS2140");
        Directory.CreateDirectory(Path.Combine(execution.Work, "app"));
        (await new GitStatus().CallAsync(execution, new { })).MustFail("AEGIS2140");
    }

    [Fact]
    public async Task Diff_OfFilesIndexAndBase_ShowsEach()
    {
        using var execution = await git.ClonedAsync();
        var app = Path.Combine(execution.Work, "app");
        File.WriteAllText(Path.Combine(app, "README.md"), "two\n");
        var files = (await new GitDiff().CallAsync(execution, new { })).MustWork();
        Assert.Contains("-one\n+two\n", files.Text);
        Assert.Equal("""{"files":1,"lines_added":1,"lines_removed":1,"truncated":false}""",
            files.OutputsText());
        Assert.Equal("", (await new GitDiff().CallAsync(execution, new { staged = true })).MustWork().Text);
        var all = (await new GitDiff().CallAsync(execution, new { @base = "origin/main" })).MustWork();
        Assert.Equal(2, all.Output("files").GetInt32());
        var one = (await new GitDiff().CallAsync(execution,
            new { @base = "origin/main", paths = new[] { "src" } })).MustWork();
        Assert.Equal(1, one.Output("files").GetInt32());
        (await new GitDiff().CallAsync(execution, new { @base = "--output=/work/x" })).MustFail("AEGIS2133");
    }

    [Fact]
    public async Task Diff_LongerThanTheLimit_IsCutAndSaysSo()
    {
        using var execution = await git.ClonedAsync();
        File.WriteAllText(Path.Combine(execution.Work, "app/README.md"),
            string.Concat(Enumerable.Repeat("a line of text\n", 100_000)));
        var result = (await new GitDiff().CallAsync(execution, new { })).MustWork();
        Assert.True(result.Output("truncated").GetBoolean());
        Assert.Equal((64 * 1024, 100_000), (result.Text!.Length, result.Output("lines_added").GetInt32()));
    }

    [Fact]
    public async Task BranchAndCommit_MakeThemWithTheFixedIdentity()
    {
        using var execution = await git.ClonedAsync();
        var app = Path.Combine(execution.Work, "app");
        var branch = (await new GitBranch().CallAsync(execution, new { name = "fix/one" })).MustWork();
        Assert.Equal($$"""{"branch":"fix/one","sha":"{{git.FeatureSha}}","created":true}""",
            branch.OutputsText());
        Assert.False((await new GitBranch().CallAsync(execution, new { name = "fix/one" })).Output("created")
            .GetBoolean());
        File.WriteAllText(Path.Combine(app, "x"), "x");
        File.WriteAllText(Path.Combine(app, "y"), "y");
        var one = (await new GitCommit().CallAsync(execution,
            new { message = "feat: x\n\n# not a comment", add = new[] { "x" } })).MustWork();
        Assert.True(one.Output("changed").GetBoolean());
        Assert.Equal(one.Output("sha").GetString(), GitFixture.Run(app, "rev-parse", "fix/one"));
        Assert.Equal("Aegis Forge <aegis@localhost>|feat: x\n\n# not a comment",
            GitFixture.Run(app, "log", "-1", "--format=%an <%ae>|%B"));
        Assert.Equal("?? y", GitFixture.Run(app, "status", "--porcelain"));
        (await new GitCommit().CallAsync(execution, new { message = "all" })).MustWork();
        var none = (await new GitCommit().CallAsync(execution, new { message = "none" })).MustWork();
        Assert.False(none.Output("changed").GetBoolean());
        Assert.Equal(GitFixture.Run(app, "rev-parse", "HEAD"), none.Output("sha").GetString());
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("-d")]
    public async Task Branch_WithABadName_IsRefused(string name)
    {
        using var execution = await git.ClonedAsync();
        (await new GitBranch().CallAsync(execution, new { name })).MustFail("AEGIS2133");
        (await new GitBranch().CallAsync(execution, new { name = "ok", start = name })).MustFail("AEGIS2133");
        (await new GitBranch().CallAsync(execution, new { name = "ok", start = "absent" }))
            .MustFail("AEGIS2134");
    }

    [Fact]
    public async Task Commit_WithABlankMessageOrAnOption_IsRefused()
    {
        using var execution = await git.ClonedAsync();
        (await new GitCommit().CallAsync(execution, new { message = " \n" })).MustFail("AEGIS2133");
        (await new GitCommit().CallAsync(execution, new { message = "m", add = new[] { "--all" } }))
            .MustFail("AEGIS2133");
        (await new GitCommit().CallAsync(execution, new { message = "m", add = new[] { "absent" } }))
            .MustFail("AEGIS2132");
    }

    [Fact]
    public void Effects_AreAsTheActsAre()
    {
        Assert.Equal(
            [
                ("git.branch", ToolEffect.Idempotent), ("git.clone", ToolEffect.Idempotent),
                ("git.commit", ToolEffect.Idempotent), ("git.diff", ToolEffect.Pure),
                ("git.push", ToolEffect.Reconcilable), ("git.status", ToolEffect.Pure),
            ],
            ((Tool[])[new GitBranch(), new GitClone(), new GitCommit(), new GitDiff(), new GitPush(),
                new GitStatus()]).Select(t => (t.Descriptor.Name, t.Descriptor.Effect)));
    }
}
