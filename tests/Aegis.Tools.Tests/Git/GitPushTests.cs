using Aegis.Gate;
using Aegis.Tools.Git;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Git;

public sealed class GitPushTests : IDisposable
{
    private readonly GitFixture git = new();

    public void Dispose() => git.Dispose();

    private static async Task<string> CommitAsync(
        HostExecution execution, string file = "new", string text = "x")
    {
        File.WriteAllText(Path.Combine(execution.Work, "app", file), text);
        var result = (await new GitCommit().CallAsync(execution, new { message = $"add {file}" })).MustWork();
        return result.Output("sha").GetString()!;
    }

    [Fact]
    public async Task Push_NewCommits_MovesTheBranchAndLeavesNothingBehind()
    {
        using var execution = await git.ClonedAsync();
        var sha = await CommitAsync(execution);
        var result = (await new GitPush().CallAsync(execution, new { })).MustWork();
        Assert.Equal($$"""{"branch":"feature","sha":"{{sha}}"}""", result.OutputsText());
        Assert.Equal($"{sha} refs/heads/feature\n{git.MainSha} refs/heads/main", git.InBare("show-ref"));
        Assert.Equal("", git.InBare("fsck", "--strict", "--no-dangling"));
    }

    [Fact]
    public async Task Push_OfANewBranch_MakesIt()
    {
        using var execution = await git.ClonedAsync();
        (await new GitBranch().CallAsync(execution, new { name = "fresh", start = "origin/main" }))
            .MustWork();
        (await new GitPush().CallAsync(execution, new { })).MustWork();
        Assert.Equal(git.MainSha, git.InBare("rev-parse", "fresh"));
        (await new GitPush().CallAsync(execution, new { branch = "absent" })).MustFail("AEGIS2134");
        (await new GitPush().CallAsync(execution, new { branch = "a..b" })).MustFail("AEGIS2133");
    }

    [Fact]
    public async Task Push_NotAFastForward_IsRefusedUnlessForced()
    {
        using var execution = await git.ClonedAsync();
        var sha = await CommitAsync(execution);
        var theirs = git.Commit("theirs", "t", "theirs");
        GitFixture.Run(git.Seed, "push", "-q", git.Bare, "feature");
        (await new GitPush().CallAsync(execution, new { })).MustFail("AEGIS2135");
        Assert.Equal(theirs, git.InBare("rev-parse", "feature"));
        Assert.DoesNotContain("aegis", git.InBare("show-ref"));
        Directory.Delete(Path.Combine(execution.ScratchDirectory, "quarantine.git"), recursive: true);
        (await new GitPush().CallAsync(execution, new { force = true })).MustWork();
        Assert.Equal(sha, git.InBare("rev-parse", "feature"));
    }

    [Fact]
    public async Task Push_WhileAnotherMovesTheBranch_LosesNothing()
    {
        using var execution = await git.ClonedAsync();
        await CommitAsync(execution);
        var theirs = "";
        // the other push comes in at the last moment: after the fast-forward check, before the update
        using var meddling = new MeddlingExecution(execution, "update-ref", "refs/heads/feature", () =>
        {
            theirs = git.Commit("theirs", "t", "theirs");
            GitFixture.Run(git.Seed, "push", "-q", git.Bare, "feature");
        });
        (await new GitPush().CallAsync(meddling, new { })).MustFail("AEGIS2136");
        Assert.Equal(theirs, git.InBare("rev-parse", "feature"));
    }

    [Fact]
    public async Task Probe_BeforeAndAfterThePush_TellsThemApart()
    {
        using var execution = await git.ClonedAsync();
        await CommitAsync(execution);
        Assert.IsType<ProbeResult.NotHappened>(await new GitPush().ProbeByJsonAsync(execution, new { }));
        var pushed = (await new GitPush().CallAsync(execution, new { })).MustWork();
        // the server died before it recorded the push: a new execution over the same workspace asks
        using var recovered = git.Execution(work: execution.Work);
        var happened = Assert.IsType<ProbeResult.Happened>(
            await new GitPush().ProbeByJsonAsync(recovered, new { }));
        Assert.Equal((pushed.Text, pushed.OutputsText()),
            (happened.Result.Text, happened.Result.OutputsText()));
    }

    [Theory]
    [InlineData("bundle")]
    [InlineData("clone")]
    [InlineData("fetch")]
    [InlineData("merge-base")]
    [InlineData("update-ref")]
    public async Task Push_InterruptedAtAnyHostCommand_WorksWhenDoneAgain(string at)
    {
        using var execution = await git.ClonedAsync();
        var sha = await CommitAsync(execution);
        using var dying = new MeddlingExecution(
            execution, at, "", () => throw new OperationCanceledException());
        await Assert.ThrowsAsync<OperationCanceledException>(() => new GitPush().CallAsync(dying, new { }));
        using var again = git.Execution(work: execution.Work);
        (await new GitPush().CallAsync(again, new { })).MustWork();
        Assert.Equal(sha, git.InBare("rev-parse", "feature"));
        Assert.Equal(2, git.InBare("show-ref").Split('\n').Length);
    }

    [Fact]
    public async Task Push_OfWhatFsckRefuses_LeavesTheRepositoryAsItWas()
    {
        using var execution = await git.ClonedAsync();
        var app = Path.Combine(execution.Work, "app");
        // a tree that holds `.git`: whoever checks it out with an old git runs its hooks
        File.WriteAllText(Path.Combine(app, "evil"), "x");
        var blob = GitFixture.Run(app, "hash-object", "-w", "evil");
        var raw = Path.Combine(execution.ScratchDirectory, "tree");
        File.WriteAllBytes(raw, [.. "100644 .git\0"u8, .. Convert.FromHexString(blob)]);
        var tree = GitFixture.Run(app, "hash-object", "-w", "-t", "tree", "--literally", raw);
        var commit = GitFixture.Run(app, "commit-tree", "-p", "HEAD", "-m", "evil", tree);
        GitFixture.Run(app, "update-ref", "refs/heads/feature", commit);
        // plain git takes it without a word
        var careless = Path.Combine(execution.ScratchDirectory, "careless.git");
        GitFixture.Run("/", "init", "-q", "--bare", careless);
        GitFixture.Run(app, "push", "-q", careless, "feature");
        (await new GitPush().CallAsync(execution, new { })).MustFail("AEGIS2137");
        Assert.Equal(git.FeatureSha, git.InBare("rev-parse", "feature"));
        Assert.NotEqual(0, GitFixture.Try(git.Bare, "cat-file", "-e", commit).ExitCode);
    }

    [Fact]
    public async Task Push_OfACommitWhoseTreeIsMissing_IsRefused()
    {
        using var execution = await git.ClonedAsync();
        var app = Path.Combine(execution.Work, "app");
        var sha = await CommitAsync(execution);
        // the bare repository has the commit alone, as an aborted or hostile transfer may leave it
        var loose = Path.Combine("objects", sha[..2], sha[2..]);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(git.Bare, loose))!);
        File.Copy(Path.Combine(app, ".git", loose), Path.Combine(git.Bare, loose));
        (await new GitPush().CallAsync(execution, new { })).MustFail("AEGIS2137");
        Assert.Equal(git.FeatureSha, git.InBare("rev-parse", "feature"));
    }
}
