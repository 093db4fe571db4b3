using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Cli.Git;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>What a run of GitHub's delivery works on, at the whole product: the commit that the delivery
/// names, never what a branch has come to since.</summary>
[Collection(RealServerGroup.Name)]
public sealed class PushedCommitTests(RealServer server) : IAsyncLifetime
{
    private const string Secret = "secret-of-the-pushed-commits";
    private readonly string name = $"p{Guid.NewGuid():N}"[..12];
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-pushed-").FullName;

    public async Task InitializeAsync()
    {
        await server.SendAsync("PUT", "/v1/secrets/github_webhook",
            JsonSerializer.Serialize(new { value = Secret }));
        await server.SendAsync("POST", "/v1/repos", JsonSerializer.Serialize(new { id = name }));
        await GitAsync("init", "-q", "-b", "main");
        await CommitAsync("one");
        await GitAsync("checkout", "-q", "-b", "feature");
    }

    public async Task DisposeAsync()
    {
        await server.SendAsync("DELETE", $"/v1/workflows/{name}");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("push", """{"ref":"refs/heads/feature","after":"SHA"}""")]
    [InlineData("pull_request", """
        {"action":"synchronize","after":"0000000000000000000000000000000000000000",
         "pull_request":{"number":1,"head":{"ref":"feature","sha":"SHA"},"base":{"ref":"main"}}}
        """)]
    public async Task Run_WorksOnTheCommitOfTheDelivery_ThoughBranchesHaveMoved(string kind, string body)
    {
        var pushed = await CommitAsync("two");
        await CommitAsync("three");
        await PushAsync("main", "feature");
        await RegisterAsync(kind, "main");
        var events = await server.EndedAsync(await DeliverAsync(kind, body, pushed));

        Assert.Equal(("feature", pushed),
            (Repository(events).GetProperty("branch").GetString(), Sha(events)));
        Assert.Equal("one two", Output(events));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_OfATag_WorksOnItsCommit_AlsoWhereNoBranchHoldsIt(bool annotated)
    {
        var tagged = await CommitAsync("two");
        await GitAsync([.. Author, "tag", .. annotated ? ["-a", "-m", "one"] : (string[])[], "v1"]);
        var tag = (await GitAsync("rev-parse", "v1")).Trim();
        await PushAsync("main", "v1");
        await RegisterAsync("push", null);
        var body = $$$"""{"ref":"refs/tags/v1","after":"{{{tag}}}","head_commit":{"id":"SHA"}}""";
        var events = await server.EndedAsync(await DeliverAsync("push", body, tagged));

        Assert.Equal(tagged, Sha(events));
        Assert.Equal("one two", Output(events));
    }

    [Fact]
    public async Task Start_WhoseCommitIsNotThere_IsRefusedOnRecord()
    {
        await PushAsync("main");
        var unpushed = await CommitAsync("two");
        await RegisterAsync("push", "main");
        var run = await DeliverAsync("push", """{"ref":"refs/heads/feature","after":"SHA"}""", unpushed);

        var error = await server.UntilAsync(
            "SELECT error FROM trigger_starts WHERE run_id = $1 AND status = 'refused'", run);
        foreach (var part in (string[])["AEGIS2203", $"the repository {name} has no such commit", unpushed,
            "a commit on a branch or a tag of it", $"push the commit to {name} first"])
        {
            Assert.Contains(part, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Start_OfADeliveryWithoutACommit_WorksOnTheRegisteredRef()
    {
        var there = await CommitAsync("two");
        await PushAsync("main", "feature");
        await RegisterAsync("issues", "feature");
        var events = await server.EndedAsync(await DeliverAsync("issues", """{"issue":{"number":3}}""", ""));
        Assert.Equal(there, Sha(events));
    }

    private static string[] Author => ["-c", "user.name=t", "-c", "user.email=t@example.org"];

    private static JsonElement Repository(IReadOnlyList<JsonElement> events) =>
        events[0].GetProperty("payload").GetProperty("repository");

    private static string? Sha(IReadOnlyList<JsonElement> events) =>
        Repository(events).GetProperty("sha").GetString();

    private static string Output(IReadOnlyList<JsonElement> events)
    {
        var ended = events.Where(e => e.GetProperty("type").GetString() == "TaskCompleted")
            .Select(e => e.GetProperty("payload"))
            .LastOrDefault(d => d.GetProperty("step_id").GetString() == "ls");
        return ended.ValueKind == JsonValueKind.Undefined
            ? string.Join('\n', events)
            : ended.GetProperty("output").GetString()!.ReplaceLineEndings(" ").Trim();
    }

    private async Task RegisterAsync(string kind, string? reference)
    {
        var workflow = $$"""
            name: {{name}}
            on: "github:{{kind}}"
            policy: {allow_commands: [ls]}
            steps:
              - {id: ls, uses: shell.exec, with: {cmd: ls, cwd: /work/app} }
            """;
        var (status, body, _) = await server.SendAsync("PUT", $"/v1/workflows/{name}",
            JsonSerializer.Serialize(new { workflow, repository = name, @ref = reference ?? "main" }));
        Assert.True(status == HttpStatusCode.OK, body.GetRawText());
    }

    private async Task<string> DeliverAsync(string kind, string body, string sha)
    {
        body = body.Replace("SHA", sha, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri("/v1/hooks/github/acme/web", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body));
        request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(hash)}");
        request.Headers.Add("X-GitHub-Event", kind);
        request.Headers.Add("X-GitHub-Delivery", Guid.NewGuid().ToString());
        using var reply = await server.Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.StatusCode == HttpStatusCode.Accepted, text);
        var run = JsonElement.Parse(text).GetProperty("runs").EnumerateArray()
            .Single(r => r.GetProperty("workflow").GetString() == name).GetProperty("run_id").GetString()!;
        await server.UntilAsync(
            "SELECT status FROM trigger_starts WHERE run_id = $1 AND status <> 'pending'", run);
        return run;
    }

    private async Task<string> CommitAsync(string file)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, file), file);
        await GitAsync("add", file);
        await GitAsync([.. Author, "commit", "-q", "-m", file]);
        return (await GitAsync("rev-parse", "HEAD")).Trim();
    }

    private async Task PushAsync(params string[] references)
    {
        var url = new Uri(server.Server.Url, $"git/web/{name}.git");
        await GitProgram.RunAsync(folder, ["push", "-q", url.ToString(), .. references],
            GitProgram.Credentials(url, server.Key), CancellationToken.None);
    }

    private Task<string> GitAsync(params string[] arguments) =>
        GitProgram.RunAsync(folder, arguments, CancellationToken.None);
}
