using System.Net;
using Aegis.Gate;
using Aegis.Tools.Forge;
using Aegis.Tools.Git;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge;

[Collection(ForgeGroup.Name)]
public sealed class PullRequestToolsTests(ForgeFixture forge)
{
    private static readonly object Ask = new { title = "feat: x", body = "words" };

    private async Task<HostExecution> ClonedAsync(ForgeRepository repo, string branch, string run = "run_1",
        Func<ForgeRequest, ValueTask<ForgeReply>>? door = null)
    {
        var execution = Execution(repo, branch, run, door: door);
        (await new GitClone().CallAsync(execution, new { })).MustWork();
        return execution;
    }

    private HostExecution Execution(ForgeRepository repo, string branch, string run, int attempt = 1,
        string? work = null, Func<ForgeRequest, ValueTask<ForgeReply>>? door = null) =>
        new(Contexts.Of(run, "pr", attempt, repo.ForRun(branch), ForgeFixture.Acme), work, door ?? forge.ReplyAsync);

    private static async Task<string> CommitAsync(HostExecution execution)
    {
        File.WriteAllText(Path.Combine(execution.Work, "app", "work"), "x");
        return (await new GitCommit().CallAsync(execution, new { message = "work" })).MustWork()
            .Output("sha").GetString()!;
    }

    private async Task<int> CountAsync(ForgeRepository repo) =>
        (await forge.SendAsync("GET", repo.Api + "/pulls?state=all")).Body.GetArrayLength();

    [Fact]
    public async Task Create_FromAFeatureBranch_PushesAndOpens()
    {
        using var repo = await forge.RepositoryAsync();
        using var execution = await ClonedAsync(repo, "feature");
        var sha = await CommitAsync(execution);
        File.WriteAllText(Path.Combine(execution.Work, "app", "left"), "");
        var result = (await new PullRequestCreate().CallAsync(execution, Ask)).MustWork();
        Assert.Equal(
            (1, sha, "feature", "main", true, 1),
            (result.Output("number").GetInt32(), result.Output("sha").GetString(), result.Output("head").GetString(),
                result.Output("base").GetString(), result.Output("created").GetBoolean(),
                result.Output("uncommitted").GetInt32()));
        Assert.Equal(sha, repo.Sha("refs/pull/1/head"));
        var (_, pull) = await forge.SendAsync("GET", repo.Api + "/pulls/1");
        Assert.Equal(("feat: x", "words\n\n<!-- aegis:run_1.pr.1 -->", result.Output("url").GetString()),
            (pull.GetProperty("title").GetString(), pull.GetProperty("body").GetString(),
                pull.GetProperty("html_url").GetString()));
    }

    [Fact]
    public async Task Create_FromTheDefaultBranch_MakesABranchOfTheRun()
    {
        using var repo = await forge.RepositoryAsync();
        var main = repo.Sha("main");
        using var execution = await ClonedAsync(repo, "main", "run_7");
        var sha = await CommitAsync(execution);
        var result = (await new PullRequestCreate().CallAsync(execution, Ask)).MustWork();
        Assert.Equal("aegis/run_7", result.Output("head").GetString());
        Assert.Equal((sha, main), (repo.Sha("aegis/run_7"), repo.Sha("main")));
        Assert.Equal("aegis/run_7",
            GitFixture.Run(Path.Combine(execution.Work, "app"), "symbolic-ref", "--short", "HEAD"));
    }

    [Fact]
    public async Task Create_WithoutNewCommits_SaysWhy()
    {
        using var repo = await forge.RepositoryAsync();
        using var execution = await ClonedAsync(repo, "main");
        var result = await new PullRequestCreate().CallAsync(execution, Ask);
        result.MustFail("AEGIS2150");
        Assert.Contains("No commits between main and aegis/run_1", result.Error!.Got);
    }

    [Fact]
    public async Task Probe_AfterACrash_FindsItsOwnAndARetryMakesNoSecond()
    {
        using var repo = await forge.RepositoryAsync();
        using var execution = await ClonedAsync(repo, "main");
        await CommitAsync(execution);
        Assert.IsType<ProbeResult.NotHappened>(await new PullRequestCreate().ProbeByJsonAsync(execution, Ask));
        // pushed and opened, the answer never recorded; the attempt's own branch is gone with its overlay
        using var dying = Execution(repo, "main", "run_1", work: execution.Work, door: async request =>
        {
            var reply = await forge.ReplyAsync(request);
            return request.Method == "POST" ? throw new OperationCanceledException() : reply;
        });
        await Assert.ThrowsAsync<OperationCanceledException>(() => new PullRequestCreate().CallAsync(dying, Ask));
        GitFixture.Run(Path.Combine(execution.Work, "app"), "checkout", "-q", "main");
        GitFixture.Run(Path.Combine(execution.Work, "app"), "reset", "-q", "--hard", "aegis/run_1");
        GitFixture.Run(Path.Combine(execution.Work, "app"), "branch", "-q", "-D", "aegis/run_1");
        var found = Assert.IsType<ProbeResult.Happened>(
            await new PullRequestCreate().ProbeByJsonAsync(execution, Ask));
        using var retry = Execution(repo, "main", "run_1", attempt: 2, work: execution.Work);
        var again = (await new PullRequestCreate().CallAsync(retry, Ask)).MustWork();
        Assert.Equal(found.Result.OutputsText(), again.OutputsText());
        Assert.Equal(1, await CountAsync(repo));
    }

    [Fact]
    public async Task Create_WhileTheForgeIsDown_CannotBeTold()
    {
        using var repo = await forge.RepositoryAsync();
        using var execution = await ClonedAsync(repo, "feature",
            door: _ => ValueTask.FromResult(new ForgeReply(502, default)));
        Assert.IsType<ProbeResult.Unknown>(await new PullRequestCreate().ProbeByJsonAsync(execution, Ask));
        (await new PullRequestCreate().CallAsync(execution, Ask)).MustFail("AEGIS2150");
    }

    [Fact]
    public async Task Create_BySecondRun_BringsItsCommitsIntoTheOpenOne()
    {
        using var repo = await forge.RepositoryAsync();
        using (var first = await ClonedAsync(repo, "feature"))
        {
            (await new PullRequestCreate().CallAsync(first, Ask)).MustWork();
        }
        using var second = await ClonedAsync(repo, "feature", "run_2");
        var sha = await CommitAsync(second);
        var result = (await new PullRequestCreate().CallAsync(second, Ask)).MustWork();
        Assert.Equal((1, false),
            (result.Output("number").GetInt32(), result.Output("created").GetBoolean()));
        Assert.Equal(sha, repo.Sha("refs/pull/1/head"));
        // it is the first run's: for the second one nothing has happened yet
        Assert.IsType<ProbeResult.NotHappened>(await new PullRequestCreate().ProbeByJsonAsync(second, Ask));
        Assert.Equal(1, await CountAsync(repo));
    }

    [Fact]
    public async Task Create_WithoutPush_TakesWhatTheForgeHas()
    {
        using var repo = await forge.RepositoryAsync();
        using var execution = Execution(repo, "feature", "run_1");
        var result = (await new PullRequestCreate().CallAsync(execution, new { title = "t", push = false })).MustWork();
        Assert.Equal(repo.Sha("feature"), result.Output("sha").GetString());
        (await new PullRequestCreate().CallAsync(execution, new { title = "t", push = false, head = "none" }))
            .MustFail("AEGIS2134");
    }

    [Theory]
    [InlineData("main", null)]
    [InlineData("a..b", null)]
    [InlineData(null, "-x")]
    public async Task Create_WithWrongBranches_IsRefused(string? head, string? target)
    {
        using var repo = await forge.RepositoryAsync();
        using var execution = await ClonedAsync(repo, "main");
        (await new PullRequestCreate().CallAsync(execution, new { title = "t", head, @base = target }))
            .MustFail("AEGIS2133");
    }

    [Fact]
    public async Task Comment_IsMadeOncePerCall()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        var input = new { number = 1, body = "done" };
        using var execution = Execution(repo, "feature", "run_1");
        Assert.IsType<ProbeResult.NotHappened>(await new PullRequestComment().ProbeByJsonAsync(execution, input));
        var made = (await new PullRequestComment().CallAsync(execution, input)).MustWork();
        using var retry = Execution(repo, "feature", "run_1", attempt: 2);
        Assert.Equal(made, (await new PullRequestComment().CallAsync(retry, input)) with { Outputs = made.Outputs });
        var happened = Assert.IsType<ProbeResult.Happened>(
            await new PullRequestComment().ProbeByJsonAsync(retry, input));
        Assert.Equal(made.OutputsText(), happened.Result.OutputsText());
        using var other = Execution(repo, "feature", "run_2");
        (await new PullRequestComment().CallAsync(other, input)).MustWork();
        Assert.Equal(2, (await forge.SendAsync("GET", repo.Api + "/issues/1/comments")).Body.GetArrayLength());
        (await new PullRequestComment().CallAsync(execution, new { number = 9, body = "x" })).MustFail("AEGIS2150");
    }

    [Fact]
    public void Effects_AreReconcilable() => Assert.All((Tool[])[new PullRequestCreate(), new PullRequestComment()],
        t => Assert.Equal(ToolEffect.Reconcilable, t.Descriptor.Effect));
}
