using System.Text.Json;
using Aegis.Core.Findings;
using Aegis.Gate;
using Aegis.Tests.Shared;
using Aegis.Tools.Forge;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge.Remote;

/// <summary>Each request that the product can send to a forge, held by prism against GitHub's own OpenAPI
/// description: against its examples, and in front of the local forge, whose answers are held against it
/// too.</summary>
[Collection(ForgeGroup.Name)]
[Trait("Category", "Slow")]
public sealed class GitHubDescriptionTests(ForgeFixture forge)
{
    private static readonly JsonElement Review = JsonSerializer.SerializeToElement(Enumerable.Range(1, 120)
        .Select(i => new { severity = i < 3 ? "error" : "note", tool = "eslint", rule = "no-x",
            file = "src/a b.js", line = i, column = i % 2 == 0 ? (int?)null : 3,
            message = "bad", mend = "mend" }));

    [Fact]
    public async Task Requests_OfEveryTool_AreWhatTheDescriptionTakes_AndItsExamplesAreRead()
    {
        await using var prism = await PrismServer.MockAsync();
        await using var proxy = await RecordingProxy.StartAsync(prism.Url);
        await using var project = await RemoteProject.OpenAsync(forge,
            RemoteProject.Profile(proxy.Url, new Uri("http://127.0.0.1:1"), "octocat/Hello-World"),
            "token-of-the-test", RemoteProject.Allowing(proxy.Url));

        foreach (var (tool, input) in Calls())
        {
            var result = await project.CallAsync(tool, input);
            // an example is not what was asked for: only what is read of it can be wrong
            Assert.True(result.Ok || result.Error!.Code is "AEGIS2402" or "AEGIS2401",
                $"{tool.Descriptor.Name}: {result.Error}");
        }

        // some of the description's own examples are not as it says itself: the requests count here
        AssertValid(proxy, "\"request\"");
        Assert.All(proxy.Seen, passed => Assert.Equal(
            ("Bearer token-of-the-test", "application/vnd.github+json, application/json", "2022-11-28",
                "aegis-forge"),
            (passed.Headers["Authorization"], passed.Headers["Accept"],
                passed.Headers["X-GitHub-Api-Version"], passed.Headers["User-Agent"])));
        Assert.Equal(
        [
            "GET /check-runs/N", "GET /commits/SHA/check-runs", "GET /commits/SHA/statuses",
            "GET /issues/N/comments", "GET /pulls/N", "PATCH /check-runs/N", "POST /check-runs",
            "POST /issues/N/comments", "POST /statuses/SHA", "PUT /pulls/N/merge",
        ], proxy.Seen.Select(Kind).Distinct().Order(StringComparer.Ordinal)
            .OrderBy(kind => kind.Split(' ')[0] switch { "GET" => 0, "PATCH" => 1, "POST" => 2, _ => 3 }));
    }

    [Fact]
    public async Task Description_RefusesARequestThatIsNotGitHubs()
    {
        await using var prism = await PrismServer.MockAsync();
        using var http = new HttpClient { BaseAddress = prism.Url };
        using var body = new StringContent("""{"state":"green"}""",
            new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var reply = await http.PostAsync(
            new Uri($"/repos/a/b/statuses/{new string('a', 40)}", UriKind.Relative), body);
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, reply.StatusCode);
    }

    [Fact]
    public async Task LocalForge_AnswersAsTheDescriptionSays()
    {
        using var repo = await forge.RepositoryAsync();
        await using var prism = await PrismServer.BeforeAsync(new Uri(forge.Server.Url, "/forge"));
        await using var proxy = await RecordingProxy.StartAsync(prism.Url);
        await using var project = await RemoteProject.OpenAsync(forge,
            RemoteProject.Profile(proxy.Url, new Uri(forge.Server.Url, "/git"), $"web/{repo.Name}"),
            forge.WriteKey, RemoteProject.Allowing(proxy.Url, forge.Server.Url));
        var run = repo.ForRun("feature");

        var made = (await project.CallAsync(new PullRequestCreate(), new { title = "t", push = false }, "pr",
            run)).MustWork();
        Assert.Equal(1, made.Output("number").GetInt32());
        foreach (var (tool, input) in Calls(number: 1, checkId: null))
        {
            (await project.CallAsync(tool, input, tool.Descriptor.Name, run)).MustWork();
        }
        var check = (await project.CallAsync(new CheckRunCreate(), new { name = "once", status = "queued" },
            "check", run)).MustWork().Output("id").GetInt64();
        (await project.CallAsync(new CheckRunUpdate(), new { id = check, outcome = "success" }, "end", run))
            .MustWork();
        (await project.CallAsync(new PullRequestMerge(), new { number = 1, sha = run.Sha }, "merge", run))
            .MustWork();
        var http = new HttpMessageInvoker(new SocketsHttpHandler());
        foreach (var path in (string[])["", "/branches", "/pulls?state=all", "/pulls/1", "/pulls/99",
            $"/commits/{run.Sha}/status", "/commits/feature/check-runs?filter=latest", $"/check-runs/{check}",
            $"/check-runs/{check}/annotations", "/issues/1/comments"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(proxy.Url, repo.Api + path));
            request.Headers.Authorization = new("Bearer", forge.WriteKey);
            using var reply = await http.SendAsync(request, CancellationToken.None);
        }

        AssertValid(proxy, "\"location\"");
        Assert.True(proxy.Seen.Count >= 25, $"{proxy.Seen.Count} exchanges");
        Assert.Equal([404], proxy.Seen.Where(p => p.Status >= 400).Select(p => p.Status));
    }

    [Fact]
    public async Task Description_NoticesAnAnswerThatIsNotGitHubs()
    {
        await using var wrong = new LoopbackServer(_ => LoopbackServer.Ok("""[{"number":"one"}]""",
            "Content-Type: application/json\r\n"));
        await using var prism = await PrismServer.BeforeAsync(wrong.Url());
        await using var proxy = await RecordingProxy.StartAsync(prism.Url);
        using var http = new HttpClient();
        using var reply = await http.GetAsync(new Uri(proxy.Url, "/repos/a/b/pulls"));
        Assert.Contains("\"response\",\"body\",\"0\"", Assert.Single(proxy.Seen).Violations,
            StringComparison.Ordinal);
    }

    private static IEnumerable<(Tool Tool, object Input)> Calls(int number = 7, long? checkId = 42)
    {
        var sarif = SarifLog.Of([new ScannerRun("bandit", true, "1.7", 3, 1, null)],
            [new Finding("B602", "bandit", FindingSeverity.Warning, "a.py", 4, 2, "shell=True", null)]);
        yield return (new PullRequestComment(), new { number, body = "done" });
        yield return (new RepositoryIssueComment(), new { number, body = "done" });
        yield return (new CommitStatus(), new { state = "success" });
        yield return (new CommitStatus(), new { state = "cancelled", context = "tests",
            description = "12 of 12",
            target_url = "https://forge.example/runs/run_1" });
        yield return (new CheckRunCreate(), new { name = "plain" });
        yield return (new CheckRunCreate(), new { name = "review", outcome = "failure", title = "Review",
            summary = "words", text = "more", details_url = "https://forge.example/x", findings = Review });
        yield return (new CheckRunCreate(), new { name = "bandit", sarif, folder = "src" });
        if (checkId is { } id)
        {
            yield return (new CheckRunUpdate(), new { id, conclusion = "timed_out", summary = "late" });
            yield return (new PullRequestMerge(), new { number, method = "squash", title = "t", message = "m",
                sha = new string('a', 40) });
        }
    }

    private static void AssertValid(RecordingProxy proxy, string of)
    {
        var wrong = proxy.Seen.Where(p => p.Violations.Contains(of, StringComparison.Ordinal)
            || p.Status == 422).ToList();
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static string Kind(Passed passed)
    {
        var parts = passed.Path.Split('/')[4..].Select(part => part.Length == 40 ? "SHA"
            : part.All(char.IsAsciiDigit) ? "N" : part);
        return $"{passed.Method} /{string.Join('/', parts)}";
    }
}
