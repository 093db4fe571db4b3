using System.Net;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Forge;
using Aegis.Tools.Git;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge.Remote;

/// <summary>A project's own bare repository on this host, and another server's forge as its GitHub: git's
/// smart HTTP and REST over real sockets, the token from a secret.</summary>
[Collection(ForgeGroup.Name)]
public sealed class RemotePushTests(ForgeFixture forge) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-remote-").FullName;

    private static readonly (Tool, object) Clone = (new GitClone(), new { });
    private static readonly (Tool, object) Write = (new FileWrite(),
        new { path = "/work/app/n", content = "x" });
    private static readonly (Tool, object) Keep = (new GitCommit(), new { message = "work" });
    private static readonly (Tool, object) Open = (new PullRequestCreate(), new { title = "feat: x" });

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task PullRequest_OfARemoteForge_IsPushedWithTheTokenAndOpened()
    {
        using var remote = await forge.RepositoryAsync();
        await using var proxy = await RecordingProxy.StartAsync(new Uri(forge.Server.Url, "/forge"));
        await using var project = await ProjectAsync(remote, proxy.Url, forge.WriteKey);

        var results = await AttemptAsync(project, remote, Clone, Write, Keep, Open);

        var opened = results[^1].MustWork();
        var sha = results[2].Output("sha").GetString();
        Assert.Equal((1, sha, true), (opened.Output("number").GetInt32(), opened.Output("sha").GetString(),
            opened.Output("created").GetBoolean()));
        Assert.Equal((sha, sha), (remote.Sha("feature"), remote.Sha("refs/pull/1/head")));
        Assert.Equal(sha, GitFixture.Run(Own(remote), "rev-parse", "feature"));
        Assert.DoesNotContain(results, r => $"{r.Text}{r.OutputsText()}{r.Error}".Contains(forge.WriteKey,
            StringComparison.Ordinal));
        Assert.DoesNotContain(forge.WriteKey, File.ReadAllText(Path.Combine(Own(remote), "config")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullRequest_WhoseAnswerIsLost_IsMadeOnce()
    {
        using var remote = await forge.RepositoryAsync();
        await using var proxy = await RecordingProxy.StartAsync(new Uri(forge.Server.Url, "/forge"));
        await using var project = await ProjectAsync(remote, proxy.Url, forge.WriteKey);
        var lost = 0;
        proxy.Lose = context => context.Request.Method == "POST" && Interlocked.Increment(ref lost) == 1;

        var results = await AttemptAsync(project, remote, Clone, Write, Keep, Open);

        Assert.True(results[^1].MustWork().Output("created").GetBoolean());
        Assert.Equal(1, lost);
        var (_, pulls) = await forge.SendAsync("GET", remote.Api + "/pulls?state=all");
        Assert.Equal(1, pulls.GetArrayLength());
    }

    [Theory]
    [InlineData("no such key", "AEGIS2392")]
    [InlineData("", "AEGIS2391")]
    [InlineData("two\nlines", "AEGIS2391")]
    [InlineData(null, "AEGIS2391")]
    public async Task Push_WithoutAGoodToken_SaysSoAndMovesNothing(string? token, string code)
    {
        using var remote = await forge.RepositoryAsync();
        await using var project = await ProjectAsync(remote, new Uri(forge.Server.Url, "/forge"),
            token?.Replace(' ', '-'));
        var before = remote.Sha("feature");

        var results = await AttemptAsync(project, remote, Clone, Write, Keep, (new GitPush(), new { }));

        results[^1].MustFail(code);
        Assert.Equal(before, remote.Sha("feature"));
    }

    [Fact]
    public async Task Push_OntoCommitsOfOthers_IsRefused_AndForceMovesFromWhatWasSeen()
    {
        using var remote = await forge.RepositoryAsync();
        await using var project = await ProjectAsync(remote, new Uri(forge.Server.Url, "/forge"),
            forge.WriteKey);
        var own = Own(remote);
        var run = Run(own);
        remote.Commit("elsewhere", "x");
        remote.Push("feature");

        var results = await AttemptAsync(project, run, Clone, Write, Keep, (new GitPush(), new { }),
            (new GitPush(), new { force = true }));

        results[^2].MustFail("AEGIS2135");
        results[^1].MustWork();
        Assert.Equal(results[2].Output("sha").GetString(), remote.Sha("feature"));
    }

    [Fact]
    public async Task Forge_AtAPrivateAddress_NeedsTheOperatorsWord()
    {
        using var remote = await forge.RepositoryAsync();
        await using var proxy = await RecordingProxy.StartAsync(new Uri(forge.Server.Url, "/forge"));
        await using var project = await RemoteProject.OpenAsync(forge,
            RemoteProject.Profile(proxy.Url, new Uri(forge.Server.Url, "/git"), $"web/{remote.Name}"),
            forge.WriteKey, ForgeRules.None);

        var results = await AttemptAsync(project, remote, Clone, Write, Keep, (new GitPush(), new { }),
            (new PullRequestComment(), new { number = 1, body = "x" }));

        results[^2].MustFail("AEGIS2390");
        results[^1].MustFail("AEGIS2390");
        Assert.Empty(proxy.Seen);
    }

    [Fact]
    public async Task Probe_AfterACrashBetweenPushAndPullRequest_FindsThePushAndNoPullRequest()
    {
        using var remote = await forge.RepositoryAsync();
        await using var proxy = await RecordingProxy.StartAsync(new Uri(forge.Server.Url, "/forge"));
        await using var project = await ProjectAsync(remote, proxy.Url, forge.WriteKey);
        var run = Run(Own(remote));
        proxy.Instead = context =>
        {
            var creates = context.Request.Method == "POST";
            context.Response.StatusCode = creates ? 500 : 200;
            return Task.FromResult(creates);
        };

        var (layer, results) = await project.Gate.AttemptAsync(project.Context("pr", run), [], Clone, Write,
            Keep, Open);
        results[^1].MustFail("AEGIS2396");
        Assert.Equal(results[2].Output("sha").GetString(), remote.Sha("feature"));
        proxy.Instead = null;
        var (_, again) = await project.Gate.AttemptAsync(project.Context("pr", run, attempt: 2), [layer],
            Open);

        Assert.True(again[0].MustWork().Output("created").GetBoolean());
        Assert.IsType<ProbeResult.Happened>(await project.Gate.ProbeAsync(project.Context("pr", run),
            new PullRequestCreate(), new { title = "feat: x", push = false }));
        var (status, pulls) = await forge.SendAsync("GET", remote.Api + "/pulls?state=all");
        Assert.Equal((HttpStatusCode.OK, 1), (status, pulls.GetArrayLength()));
    }

    private Task<RemoteProject> ProjectAsync(ForgeRepository remote, Uri api, string? token) =>
        RemoteProject.OpenAsync(forge,
            RemoteProject.Profile(api, new Uri(forge.Server.Url, "/git"), $"web/{remote.Name}"), token,
            RemoteProject.Allowing(api, forge.Server.Url));

    private async Task<List<ToolResult>> AttemptAsync(RemoteProject project, ForgeRepository remote,
        params (Tool, object)[] calls) => await AttemptAsync(project, Run(Own(remote)), calls);

    private static async Task<List<ToolResult>> AttemptAsync(RemoteProject project, RunRepository run,
        params (Tool, object)[] calls) =>
        (await project.Gate.AttemptAsync(project.Context("pr", run), [], calls)).Results;

    private string Own(ForgeRepository remote)
    {
        var own = Path.Combine(folder, remote.Name + ".git");
        if (!Directory.Exists(own))
        {
            GitFixture.Run(folder, "clone", "-q", "--bare", "--template=", remote.Bare, own);
        }
        return own;
    }

    private static RunRepository Run(string own) =>
        new("app", own, "feature", GitFixture.Run(own, "rev-parse", "feature"), "main");
}
