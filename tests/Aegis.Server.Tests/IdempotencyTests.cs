using System.Net;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Ledger.Idempotency;
using Aegis.Ledger.Triggers;
using Aegis.Server.OpenApi;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>A request with an Idempotency-Key is done once, however often it is sent.</summary>
[Collection(ServerGroup.Name)]
public sealed class IdempotencyTests(ServerFixture server) : IDisposable
{
    private const string StartBody = """{"inputs":{"a":1}}""";
    private readonly string key = Guid.NewGuid().ToString();

    public void Dispose() => (server.Engine.OnStart, server.Engine.OnPlan) = (null, null);

    [Fact]
    public void DoorsThatStartOrMake_TakeAKey_AndThoseThatShowASecretRefuseIt()
    {
        var uses = server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<DescribedDoor>() is not null)
            .ToLookup(e => e.Metadata.GetMetadata<DescribedDoor>()!.Description.KeyUse,
                e => $"{e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]} "
                    + e.RoutePattern.RawText);
        Assert.Equal(
        [
            "POST /runs", "POST /spawn", "POST /v1/artifacts", "POST /v1/plans/{plan}:run",
            "POST /v1/plans:create", "POST /v1/repos", "POST /v1/runs", "POST /v1/runs/{run}:retry",
            "POST /v1/spawns", "POST /v1/tools/{tool}:invoke",
            "POST /v1/webhooks", "POST /v1/workflows", "POST /v1/workflows/{workflow}:run",
            "POST /workflows",
        ], uses[KeyUse.Kept].Order(StringComparer.Ordinal));
        Assert.Equal(["POST /v1/chat/guests", "POST /v1/keys", "POST /v1/pairings", "POST /v1/tenants"],
            uses[KeyUse.Refused].Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/v1/keys", """{"name":"n","scopes":["runs:read"]}""")]
    [InlineData("/v1/tenants", """{"id":"never"}""")]
    public async Task SecretDoors_RefuseTheHeader_AndDoNothing(string path, string body)
    {
        var refused = await SendAsync(path, body, server.OperatorKey);
        Assert.Equal((HttpStatusCode.BadRequest, "AEGIS6075"), (refused.Status, refused.Code));
        var (_, tenants) = await server.SendAsync("GET", "/v1/tenants", server.OperatorKey);
        Assert.DoesNotContain("never", tenants.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_IsTheFirstAnswer_AndTheEngineIsNotAsked()
    {
        var path = await StartPathAsync();
        var first = await SendAsync(path, StartBody);
        Assert.Equal((HttpStatusCode.Accepted, false), (first.Status, first.Replayed));
        var asked = server.Engine.Asked.Count;
        var again = await SendAsync(path, StartBody);
        Assert.Equal(first with { Replayed = true }, again);
        Assert.Equal("/v1/runs/run_made", again.Location);
        Assert.Equal(asked, server.Engine.Asked.Count);
    }

    [Fact]
    public async Task AnotherRequest_WithTheSameKey_IsRefused()
    {
        var path = await StartPathAsync();
        await SendAsync(path, StartBody);
        var asked = server.Engine.Asked.Count;
        foreach (var (other, body) in new[]
        {
            (path, """{"inputs":{"a":2}}"""), ($"{path}?project_id=web", StartBody), ("/v1/runs", StartBody),
        })
        {
            var refused = await SendAsync(other, body);
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "AEGIS6072"), (refused.Status, refused.Code));
        }
        Assert.Equal(asked, server.Engine.Asked.Count);
    }

    [Fact]
    public async Task WhileTheFirstGoesOn_TheSecondIsRefused_AndNothingIsDoneTwice()
    {
        var path = await StartPathAsync();
        var (begun, end) = (NewSignal(), NewSignal());
        var starts = 0;
        server.Engine.OnStart = async (_, _, _) =>
        {
            Interlocked.Increment(ref starts);
            begun.TrySetResult();
            await end.Task;
            return new RunId("run_slow");
        };
        var all = Enumerable.Range(0, 8).Select(_ => SendAsync(path, StartBody)).ToList();
        await begun.Task;
        // seven are answered while the first waits
        for (var open = all.ToList(); open.Count > 1;)
        {
            var answered = await Task.WhenAny(open);
            Assert.Equal((HttpStatusCode.Conflict, "AEGIS6073"),
                ((await answered).Status, (await answered).Code));
            open.Remove(answered);
        }
        end.SetResult();
        Assert.Single(await Task.WhenAll(all), a => a.Status == HttpStatusCode.Accepted);
        Assert.True((await SendAsync(path, StartBody)).Replayed);
        Assert.Equal(1, starts);
    }

    [Fact]
    public async Task TheSameKey_OfAnotherActorProjectOrTenant_IsAnotherKey()
    {
        await server.Ledger.CreateProjectAsync(new Tenancy("acme", "keyed"));
        string[] callers =
        [
            server.AcmeKey, await server.KeyAsync("acme", "web", "admin:*"),
            await server.KeyAsync("acme", "keyed", "admin:*"), server.RivalKey,
        ];
        var asked = server.Engine.Asked.Count;
        foreach (var caller in callers)
        {
            var made = await SendAsync("/v1/plans:create", """{"workflow":"name: ci"}""", caller);
            Assert.Equal((HttpStatusCode.Created, false), (made.Status, made.Replayed));
        }
        Assert.Equal(asked + callers.Length, server.Engine.Asked.Count);
    }

    [Fact]
    public async Task OneActor_InTwoProjects_HasTwoKeys()
    {
        await server.Ledger.CreateProjectAsync(new Tenancy("acme", "second"));
        foreach (var project in new[] { "web", "second" })
        {
            using var request = server.Request("POST", "/v1/repos", server.AcmeWide, """{"id":"keyed"}""");
            request.Headers.Add("X-Aegis-Project", project);
            request.Headers.Add("Idempotency-Key", key);
            Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(request)).Status);
        }
    }

    [Fact]
    public async Task AnotherServer_OnTheSameLedger_KnowsTheKey()
    {
        var path = await StartPathAsync();
        var first = await SendAsync(path, StartBody);
        var engine = new ScriptedEngine();
        var home = Directory.CreateTempSubdirectory("aegis-server-").FullName;
        File.Copy(Path.Combine(server.Server.Parts.Options.Home, "secrets.key"),
            Path.Combine(home, "secrets.key"));
        await using var next = await ServerFixture.StartAsync(server.Ledger.Url, engine, home);
        using var request = Keyed(path, StartBody, server.AcmeKey);
        request.RequestUri = new Uri(next.Url, path);
        Assert.Equal(first with { Replayed = true }, await ReadAsync(request));
        Assert.Empty(engine.Asked);
    }

    [Fact]
    public async Task RequestThatDied_IsDoneAgain_UnderTheSameId()
    {
        var path = await StartPathAsync();
        var ids = new List<RunId?>();
        server.Engine.OnStart = (_, _, request) =>
        {
            Assert.True(request.MayBeThere);
            ids.Add(request.Id);
            return Task.FromResult(request.Id!.Value);
        };
        var first = await SendAsync(path, StartBody);
        await DieAsync("now() + interval '5 seconds'");
        Assert.Equal("AEGIS6073", (await SendAsync(path, StartBody)).Code);
        await DieAsync("now()");
        Assert.Equal("AEGIS6072", (await SendAsync(path, "{}")).Code);
        Assert.Equal(first, await SendAsync(path, StartBody));
        Assert.Equal(2, ids.Count);
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public async Task WebhookThatWasMade_IsFoundAgain_ByWhoHeardNoAnswer()
    {
        const string Body = """{"url":"https://example.com/keyed","secret_name":"s"}""";
        var first = await SendAsync("/v1/webhooks", Body);
        await DieAsync("now()");
        Assert.Equal(first, await SendAsync("/v1/webhooks", Body));
    }

    [Theory]
    [InlineData("AEGIS5040", HttpStatusCode.Conflict, false)]
    [InlineData("AEGIS6061", HttpStatusCode.TooManyRequests, false)]
    [InlineData("AEGIS6050", HttpStatusCode.ServiceUnavailable, false)]
    [InlineData("AEGIS2203", HttpStatusCode.NotFound, true)]
    public async Task Refusals_AreKept_UnlessTheyPass(string code, HttpStatusCode status, bool kept)
    {
        var path = await StartPathAsync();
        server.Engine.OnStart = (_, _, _) => throw new AegisException(new AegisError(code, "no"));
        var refused = await SendAsync(path, StartBody);
        Assert.Equal((status, code), (refused.Status, refused.Code));
        server.Engine.OnStart = null;
        var again = await SendAsync(path, StartBody);
        Assert.Equal(
            kept ? refused with { Replayed = true } : again with { Status = HttpStatusCode.Accepted }, again);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public async Task Key_LengthBounds(int length, bool taken)
    {
        using var request = Keyed(
            await StartPathAsync(), "{}", server.AcmeKey, key[..1] + new string('k', length - 1));
        var answer = await ReadAsync(request);
        Assert.Equal(taken ? null : "AEGIS6071", answer.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("tab\tbed")]
    public async Task Key_OfOtherCharacters_IsRefused(string wrong)
    {
        using var request = Keyed(await StartPathAsync(), "{}", server.AcmeKey, wrong);
        Assert.Equal("AEGIS6071", (await ReadAsync(request)).Code);
    }

    [Fact]
    public async Task TwoKeys_AreRefused()
    {
        using var request = Keyed(await StartPathAsync(), "{}", server.AcmeKey);
        request.Headers.Add("Idempotency-Key", "second");
        Assert.Equal("AEGIS6071", (await ReadAsync(request)).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Answer_OfTheLimit_IsKept_AndALongerOneIsNotButDoneOnce(int more)
    {
        const string Body = """{"workflow":"name: big"}""";
        server.Engine.OnPlan = (_, _) => new PlanView("plan_big", "", "sha256:1", []);
        var (_, small) = await server.SendAsync("POST", "/v1/plans:create", server.AcmeKey, Body);
        var name = new string(
            'n', IdempotencyTable.BodyBytesMax + more - Encoding.UTF8.GetByteCount(small.GetRawText()));
        server.Engine.OnPlan = (_, _) => new PlanView("plan_big", name, "sha256:1", []);
        var first = await SendAsync("/v1/plans:create", Body);
        Assert.Equal((HttpStatusCode.Created, IdempotencyTable.BodyBytesMax + more),
            (first.Status, first.Text.Length));
        var asked = server.Engine.Asked.Count;
        var again = await SendAsync("/v1/plans:create", Body);
        Assert.Equal(asked, server.Engine.Asked.Count);
        Assert.Equal("/v1/plans/plan_big", again.Location);
        Assert.Equal(more == 0 ? null : "AEGIS6074", again.Code);
    }

    [Fact]
    public async Task Key_IsForgottenAfterADay()
    {
        var path = await StartPathAsync();
        await SendAsync(path, StartBody);
        await AgeAsync("23 hours 59 minutes");
        Assert.True((await SendAsync(path, StartBody)).Replayed);
        await AgeAsync("24 hours 1 minute");
        Assert.False((await SendAsync(path, StartBody)).Replayed);
        await AgeAsync("24 hours 1 minute");
        await new TriggerRetention(server.Ledger.Database).PruneAsync(default);
        Assert.Equal(0L, await server.Ledger.ScalarAsync<long>(
            "SELECT count(*) FROM idempotency_keys WHERE key = $1", key));
    }

    private static TaskCompletionSource NewSignal() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>As if a server had done the request and died before it kept the answer.</summary>
    private Task DieAsync(string heldUntil) => server.Ledger.ExecuteAsync($"""
        UPDATE idempotency_keys SET status = NULL, body = NULL, held_until = {heldUntil} WHERE key = $1
        """, key);

    private Task AgeAsync(string by) => server.Ledger.ExecuteAsync(
        $"UPDATE idempotency_keys SET created_at = now() - interval '{by}' WHERE key = $1", key);

    private async Task<string> StartPathAsync() =>
        $"/v1/plans/{await server.Seed.PlanAsync(server.AcmeKeys)}:run";

    private async Task<Answer> SendAsync(string path, string body, string? caller = null)
    {
        using var request = Keyed(path, body, caller ?? server.AcmeKey);
        return await ReadAsync(request);
    }

    private HttpRequestMessage Keyed(string path, string body, string caller, string? with = null)
    {
        var request = server.Request("POST", path, caller, body);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", with ?? key);
        return request;
    }

    private async Task<Answer> ReadAsync(HttpRequestMessage request)
    {
        using var reply = await server.Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        var code = text.Length > 0 && JsonElement.Parse(text).TryGetProperty("code", out var said)
            ? said.GetString() : null;
        var replayed = reply.Headers.TryGetValues("Idempotent-Replayed", out var words)
            && words.Single() == "true";
        return new Answer(
            reply.StatusCode, text, reply.Headers.Location?.ToString(), code, replayed);
    }

    private sealed record Answer(
        HttpStatusCode Status, string Text, string? Location, string? Code, bool Replayed);
}
