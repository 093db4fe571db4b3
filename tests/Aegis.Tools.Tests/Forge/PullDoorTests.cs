using System.Net;
using System.Text.Json;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge;

[Collection(ForgeGroup.Name)]
public sealed class PullDoorTests(ForgeFixture forge)
{
    [Fact]
    public async Task Create_OpensOne_WithGitHubsMembersAndARef()
    {
        using var repo = await forge.RepositoryAsync();
        var (status, pull) = await forge.SendAsync("POST", repo.Api + "/pulls",
            new { title = "T", body = "B", head = "web:feature", @base = "main", maintainer_can_modify = true });
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal((1, "open", "T", "B", false, false),
            (pull.GetProperty("number").GetInt32(), Text(pull, "state"), Text(pull, "title"), Text(pull, "body"),
                pull.GetProperty("draft").GetBoolean(), pull.GetProperty("merged").GetBoolean()));
        Assert.Equal(("web:feature", "feature", repo.Sha("feature")),
            (Text(pull, "head", "label"), Text(pull, "head", "ref"), Text(pull, "head", "sha")));
        Assert.Equal(("main", repo.Sha("main")), (Text(pull, "base", "ref"), Text(pull, "base", "sha")));
        Assert.Equal((1, 1, 1, 0, true), (Number(pull, "commits"), Number(pull, "changed_files"),
            Number(pull, "additions"), Number(pull, "deletions"), pull.GetProperty("mergeable").GetBoolean()));
        Assert.Equal(repo.Sha("feature"), repo.Sha("refs/pull/1/head"));
        Assert.Equal(pull.ToString(), (await forge.SendAsync("GET", repo.Api + "/pulls/1")).Body.ToString());
    }

    [Theory]
    [InlineData("""{"head":"feature","base":"main"}""", "title", "missing_field")]
    [InlineData("""{"title":" ","head":"feature","base":"main"}""", "title", "missing_field")]
    [InlineData("""{"title":1,"head":"feature","base":"main"}""", "title", "invalid")]
    [InlineData("""{"title":"t","base":"main"}""", "head", "missing_field")]
    [InlineData("""{"title":"t","head":"absent","base":"main"}""", "head", "invalid")]
    [InlineData("""{"title":"t","head":"other:feature","base":"main"}""", "head", "invalid")]
    [InlineData("""{"title":"t","head":"feature","base":"absent"}""", "base", "invalid")]
    [InlineData("""{"title":"t","head":"feature","base":"main","draft":"yes"}""", "draft", "invalid")]
    public async Task Create_WithAWrongField_Is422WithItsName(string body, string field, string code)
    {
        using var repo = await forge.RepositoryAsync();
        var (status, reply) = await forge.SendAsync("POST", repo.Api + "/pulls", body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var error = reply.GetProperty("errors")[0];
        Assert.Equal(("Validation Failed", "PullRequest", field, code),
            (Text(reply, "message"), Text(error, "resource"), Text(error, "field"), Text(error, "code")));
    }

    [Fact]
    public async Task Create_Twice_OrWithoutCommits_Is422InGitHubsWords()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        var (status, twice) = await forge.SendAsync("POST", repo.Api + "/pulls",
            new { title = "t", head = "feature", @base = "main" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("A pull request already exists for web:feature.",
            Text(twice.GetProperty("errors")[0], "message"));
        var (_, none) = await forge.SendAsync("POST", repo.Api + "/pulls",
            new { title = "t", head = "main", @base = "feature" });
        Assert.Equal("No commits between feature and main", Text(none.GetProperty("errors")[0], "message"));
        Assert.Equal(HttpStatusCode.BadRequest, (await forge.SendAsync("POST", repo.Api + "/pulls", "[")).Status);
    }

    [Fact]
    public async Task Create_ManyAtOnce_NumbersAreDenseAndTheSameBranchesOpenOnce()
    {
        using var repo = await forge.RepositoryAsync();
        foreach (var i in Enumerable.Range(0, 5))
        {
            repo.Push($"feature:refs/heads/f{i}");
        }
        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            forge.SendAsync("POST", repo.Api + "/pulls", new { title = "t", head = $"f{i % 5}", @base = "main" })));
        Assert.Equal(5, replies.Count(r => r.Status == HttpStatusCode.Created));
        Assert.Equal(5, replies.Count(r => r.Status == HttpStatusCode.UnprocessableEntity));
        Assert.Equal([1, 2, 3, 4, 5], replies.Where(r => r.Status == HttpStatusCode.Created)
            .Select(r => Number(r.Body, "number")).Order());
    }

    [Fact]
    public async Task Body_AtTheLimitAndOnePast()
    {
        using var repo = await forge.RepositoryAsync();
        var body = new string('b', 65_536);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await forge.SendAsync("POST", repo.Api + "/pulls",
            new { title = "t", head = "feature", @base = "main", body = body + "b" })).Status);
        Assert.Equal(HttpStatusCode.Created, (await forge.SendAsync("POST", repo.Api + "/pulls",
            new { title = "t", head = "feature", @base = "main", body })).Status);
    }

    [Fact]
    public async Task List_FiltersAndPages()
    {
        using var repo = await forge.RepositoryAsync();
        repo.Push("feature:refs/heads/second");
        await repo.PullAsync("one");
        await repo.PullAsync("two", "second");
        await forge.SendAsync("PATCH", repo.Api + "/pulls/1", new { state = "closed" });
        Assert.Equal("two", await TitlesAsync(repo, ""));
        Assert.Equal("one", await TitlesAsync(repo, "?state=closed"));
        Assert.Equal("two one", await TitlesAsync(repo, "?state=all"));
        Assert.Equal("one two", await TitlesAsync(repo, "?state=all&direction=asc"));
        Assert.Equal("one", await TitlesAsync(repo, "?state=all&head=web:feature"));
        Assert.Equal("", await TitlesAsync(repo, "?state=all&head=other:feature"));
        Assert.Equal("", await TitlesAsync(repo, "?base=feature"));
        Assert.Equal("one", await TitlesAsync(repo, "?state=all&per_page=1&page=2"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await forge.SendAsync("GET", repo.Api + "/pulls?state=x")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await forge.SendAsync("GET", repo.Api + "/pulls?page=0")).Status);
    }

    [Fact]
    public async Task Edit_ChangesWhatIsGiven_ClosesAndReopens()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync("old", body: "kept");
        var (_, edited) = await forge.SendAsync("PATCH", repo.Api + "/pulls/1", new { title = "new" });
        Assert.Equal(("new", "kept"), (Text(edited, "title"), Text(edited, "body")));
        var (_, closed) = await forge.SendAsync("PATCH", repo.Api + "/pulls/1", new { state = "closed" });
        Assert.Equal(("closed", JsonValueKind.String),
            (Text(closed, "state"), closed.GetProperty("closed_at").ValueKind));
        var (_, open) = await forge.SendAsync("PATCH", repo.Api + "/pulls/1", new { state = "open" });
        Assert.Equal(("open", JsonValueKind.Null), (Text(open, "state"), open.GetProperty("closed_at").ValueKind));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await forge.SendAsync("PATCH", repo.Api + "/pulls/1", new { state = "ajar" })).Status);
        Assert.Equal(HttpStatusCode.NotFound,
            (await forge.SendAsync("PATCH", repo.Api + "/pulls/2", new { title = "x" })).Status);
    }

    [Fact]
    public async Task Push_ByAnyWay_MovesThePullRequestAndItsRef()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        var sha = repo.Commit("d", "1\n");
        repo.Push("feature");
        // the ref moves by itself, before anyone asks the forge
        Assert.Equal(sha, repo.Sha("refs/pull/1/head"));
        Assert.Equal(sha, Text((await forge.SendAsync("GET", repo.Api + "/pulls/1")).Body, "head", "sha"));
    }

    [Fact]
    public async Task HeadBranchDeleted_ClosesAndKeepsTheCommits()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        var sha = repo.Sha("feature");
        repo.Push(":feature");
        var (_, pull) = await forge.SendAsync("GET", repo.Api + "/pulls/1");
        Assert.Equal(("closed", sha), (Text(pull, "state"), repo.Sha("refs/pull/1/head")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await forge.SendAsync("PATCH", repo.Api + "/pulls/1", new { state = "open" })).Status);
    }

    [Fact]
    public async Task Merge_MakesAMergeCommitAndCloses()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync("Title");
        var (main, head) = (repo.Sha("main"), repo.Sha("feature"));
        Assert.Equal(HttpStatusCode.NotFound, (await forge.SendAsync("GET", repo.Api + "/pulls/1/merge")).Status);
        Assert.Equal(HttpStatusCode.Conflict,
            (await forge.SendAsync("PUT", repo.Api + "/pulls/1/merge", new { sha = main })).Status);
        var (status, merged) = await forge.SendAsync("PUT", repo.Api + "/pulls/1/merge", new { sha = head });
        Assert.Equal((HttpStatusCode.OK, repo.Sha("main"), true),
            (status, Text(merged, "sha"), merged.GetProperty("merged").GetBoolean()));
        Assert.Equal($"{main} {head}|Merge pull request #1 from feature\n\nTitle",
            GitFixture.Run(repo.Bare, "log", "-1", "--format=%P|%B", "main"));
        var (_, pull) = await forge.SendAsync("GET", repo.Api + "/pulls/1");
        Assert.Equal(("closed", true), (Text(pull, "state"), pull.GetProperty("merged").GetBoolean()));
        Assert.Equal(HttpStatusCode.NoContent, (await forge.SendAsync("GET", repo.Api + "/pulls/1/merge")).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed,
            (await forge.SendAsync("PUT", repo.Api + "/pulls/1/merge", new { })).Status);
        Assert.Equal(head, repo.Sha("refs/pull/1/head"));
    }

    [Fact]
    public async Task Merge_Squash_MakesOneCommit()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync("Title");
        var main = repo.Sha("main");
        await forge.SendAsync("PUT", repo.Api + "/pulls/1/merge", new { merge_method = "squash" });
        Assert.Equal($"{main}|Title (#1)", GitFixture.Run(repo.Bare, "log", "-1", "--format=%P|%B", "main"));
        Assert.Equal("1", GitFixture.Run(repo.Bare, "show", "main:c"));
    }

    [Fact]
    public async Task Merge_WithAConflict_IsRefusedAndNothingMoves()
    {
        using var repo = await forge.RepositoryAsync();
        GitFixture.Run(repo.Folder, "checkout", "-q", "main");
        var main = repo.Commit("c", "other\n");
        repo.Push("main");
        await repo.PullAsync();
        var (_, pull) = await forge.SendAsync("GET", repo.Api + "/pulls/1");
        Assert.Equal(("dirty", false), (Text(pull, "mergeable_state"), pull.GetProperty("mergeable").GetBoolean()));
        Assert.Equal(HttpStatusCode.MethodNotAllowed,
            (await forge.SendAsync("PUT", repo.Api + "/pulls/1/merge", new { })).Status);
        Assert.Equal(main, repo.Sha("main"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await forge.SendAsync("PUT", repo.Api + "/pulls/1/merge", new { merge_method = "rebase" })).Status);
    }

    [Fact]
    public async Task Merge_ThatDiedBeforeItsRow_IsSeenAsMergedAfterwards()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        // the branch has moved, the row was never written
        GitFixture.Run(repo.Bare, "update-ref", "refs/heads/main", repo.Sha("feature"));
        var (_, pull) = await forge.SendAsync("GET", repo.Api + "/pulls/1");
        Assert.Equal(("closed", true), (Text(pull, "state"), pull.GetProperty("merged").GetBoolean()));
    }

    [Fact]
    public async Task Comments_AreKeptInOrder()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        foreach (var body in (string[])["one", "two"])
        {
            var (status, made) = await forge.SendAsync("POST", repo.Api + "/issues/1/comments", new { body });
            Assert.Equal((HttpStatusCode.Created, body), (status, Text(made, "body")));
        }
        var (_, all) = await forge.SendAsync("GET", repo.Api + "/issues/1/comments");
        Assert.Equal(["one", "two"], all.EnumerateArray().Select(c => Text(c, "body")));
        Assert.Equal(2, Number((await forge.SendAsync("GET", repo.Api + "/pulls/1")).Body, "comments"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await forge.SendAsync("POST", repo.Api + "/issues/1/comments", new { body = "" })).Status);
        Assert.Equal(HttpStatusCode.NotFound,
            (await forge.SendAsync("POST", repo.Api + "/issues/9/comments", new { body = "x" })).Status);
    }

    [Fact]
    public async Task RepositoryAndBranches_AreShown()
    {
        using var repo = await forge.RepositoryAsync();
        var (_, shown) = await forge.SendAsync("GET", repo.Api);
        Assert.Equal((repo.Name, $"web/{repo.Name}", "main"),
            (Text(shown, "name"), Text(shown, "full_name"), Text(shown, "default_branch")));
        repo.Push("feature:refs/heads/a/b");
        var (_, all) = await forge.SendAsync("GET", repo.Api + "/branches");
        Assert.Equal(["a/b", "feature", "main"], all.EnumerateArray().Select(b => Text(b, "name")));
        Assert.Equal(repo.Sha("feature"),
            Text((await forge.SendAsync("GET", repo.Api + "/branches/a/b")).Body, "commit", "sha"));
        Assert.Equal(HttpStatusCode.NotFound, (await forge.SendAsync("GET", repo.Api + "/branches/none")).Status);
    }

    [Fact]
    public async Task AnotherTenant_SeesNothing_AndAReaderChangesNothing()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        foreach (var path in (string[])["", "/pulls", "/pulls/1", "/branches", "/issues/1/comments"])
        {
            Assert.Equal(HttpStatusCode.OK, (await forge.SendAsync("GET", repo.Api + path, null, forge.ReadKey)).Status);
            Assert.Equal(HttpStatusCode.NotFound,
                (await forge.SendAsync("GET", repo.Api + path, null, forge.RivalKey)).Status);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await forge.SendAsync("GET", "/repos/web/..%2f..%2fx")).Status);
        foreach (var (method, path) in new[]
            { ("POST", "/pulls"), ("PATCH", "/pulls/1"), ("PUT", "/pulls/1/merge"), ("POST", "/issues/1/comments") })
        {
            Assert.Equal(HttpStatusCode.Forbidden,
                (await forge.SendAsync(method, repo.Api + path, new { }, forge.ReadKey)).Status);
            Assert.Equal(HttpStatusCode.NotFound,
                (await forge.SendAsync(method, repo.Api + path, new { }, forge.RivalKey)).Status);
        }
    }

    private async Task<string> TitlesAsync(ForgeRepository repo, string query) => string.Join(' ',
        (await forge.SendAsync("GET", repo.Api + "/pulls" + query)).Body.EnumerateArray().Select(p => Text(p, "title")));

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static string? Text(JsonElement json, params string[] path) =>
        path.Aggregate(json, (at, name) => at.GetProperty(name)).GetString();
}
