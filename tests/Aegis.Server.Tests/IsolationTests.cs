using System.Net;
using Aegis.Server.Auth;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>Every door that names a thing is tried with the other tenant's: it must not exist. The same door
/// with an own thing must not answer 404, or the test would prove nothing.</summary>
[Collection(ServerGroup.Name)]
public sealed class IsolationTests(ServerFixture server)
{
    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["/v1/plans/{plan}:run"] = "{}",
        ["/v1/runs/{run}:cancel"] = "{}",
        ["/v1/runs/{run}:pause"] = "{}",
        ["/v1/runs/{run}:resume"] = "{}",
        ["/v1/secrets/{secret}:rotate"] = """{"value":"v"}""",
        ["/v1/secrets/{secret}:bind"] = """{"hosts":[]}""",
        ["/v1/mcp/tools/{outside}:approve"] = $$"""{"hash":"{{Things.OutsideHash}}"}""",
        ["/v1/approvals/{approval}:grant"] = "{}",
        ["/v1/keys/{key}:tier"] = """{"tier":null}""",
        ["/v1/approvals/{approval}:deny"] = "{}",
        ["/v1/queues/{queue}/approvals/{approval}:grant"] = "{}",
        ["/v1/queues/{queue}/approvals/{approval}:deny"] = "{}",
        ["/v1/artifacts/{artifact}:link"] = "{}",
        ["/v1/vaccines/{vaccine}:revoke"] = """{"reason":"r"}""",
        ["/v1/vaccines/{vaccine}:report"] = """{"reason":"r"}""",
        ["/v1/runs/{run}/tasks/{step}:resolve"] = """{"answer":"fail"}""",
    };

    [Fact]
    public async Task Doors_WithAnotherTenantsIds_Answer404_AndWithOwnOnesNot()
    {
        var doors = server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.Parameters.Count > 0
            && !DoorInventoryTests.IsForge(e.RoutePattern.RawText!) && !PutsAName(e)
            && e.Metadata.GetMetadata<OpenDoor>() is null && !OfTools(e) && !IsAQueue(e))
            .ToList();
        Assert.True(doors.Count >= 20, $"{doors.Count} doors with ids");
        foreach (var door in doors)
        {
            var path = door.RoutePattern.RawText!;
            var method = door.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
            var own = await Things.MakeAsync(server, server.AcmeKeys, "acme");
            var before = server.Engine.Asked.Count;
            var (status, body) = await SendAsync(method, path, own, server.RivalKey);
            Assert.True(status == HttpStatusCode.NotFound, $"{method} {path}: {status}");
            Assert.Contains(ProblemReading.Code(body), new[] { "AEGIS6020", "AEGIS2431" });
            Assert.Equal(before, server.Engine.Asked.Count);
            var (control, _) = await SendAsync(method, path, own, server.AcmeKey);
            Assert.True((int)control < 400, $"{method} {path} with an own id: {control}");
        }
    }

    [Fact]
    public async Task ForgeDoors_WithAnotherTenantsRepository_FindNothing()
    {
        await server.SendAsync("POST", "/v1/repos", server.AcmeKey, """{"id":"vault"}""");
        Assert.Equal(HttpStatusCode.OK,
            (await server.SendAsync("GET", "/forge/repos/web/vault", server.AcmeKey)).Status);
        var doors = server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(e => DoorInventoryTests.IsForge(e.RoutePattern.RawText!)).ToList();
        Assert.True(doors.Count >= 14, $"{doors.Count} doors of the forge");
        foreach (var door in doors)
        {
            var path = DoorInventoryTests.Filled(door.RoutePattern.RawText!);
            var method = door.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
            // both tenants have a project of that name, only one has the repository
            var (status, _) = await server.SendAsync(
                method, path + "?service=git-upload-pack", server.RivalKey, "{}");
            Assert.True(status == HttpStatusCode.NotFound, $"{method} {path}: {status}");
        }
    }

    [Fact]
    public async Task Lists_ShowOwnThingsOnly()
    {
        var mine = await server.Seed.RunAsync(server.AcmeKeys);
        var theirs = await server.Seed.RunAsync(server.RivalKeys);
        var (_, page) = await server.SendAsync("GET", "/v1/runs?limit=200", server.AcmeKey);
        var ids = page.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("run_id").GetString())
            .ToList();
        Assert.Contains(mine, ids);
        Assert.DoesNotContain(theirs, ids);
        await server.SendAsync("POST", "/v1/repos", server.AcmeKey, """{"id":"secret"}""");
        var (_, repos) = await server.SendAsync("GET", "/v1/repos", server.RivalKey);
        Assert.DoesNotContain("secret", repos.GetRawText(), StringComparison.Ordinal);
        await server.KeyAsync("rival", null, "runs:read");
        var (_, keys) = await server.SendAsync("GET", "/v1/keys", server.RivalKey);
        Assert.All(keys.GetProperty("items").EnumerateArray(), k =>
            Assert.Equal("web", k.GetProperty("project").GetString()));
        var (_, projects) = await server.SendAsync("GET", "/v1/projects", server.RivalKey);
        Assert.Equal(["web"],
            projects.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Profile_IsTheProjectsOwn()
    {
        var body = """{"yaml":"models: {}","files":{"a/b.yaml":"x"}}""";
        var (put, _) = await server.SendAsync("PUT", "/v1/profile", server.RivalKey, body);
        Assert.Equal(HttpStatusCode.OK, put);
        await server.Ledger.CreateProjectAsync(new Core.Tenancy("rival", "empty"));
        var other = await server.KeyAsync("rival", "empty", Scopes.Admin);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", "/v1/profile", other)).Status);
        var (_, own) = await server.SendAsync("GET", "/v1/profile", server.RivalKey);
        Assert.Equal("x", own.GetProperty("files").GetProperty("a/b.yaml").GetString());
    }

    [Fact]
    public async Task ProjectKey_CannotReachOutOfItsProject()
    {
        var body = """{"name":"k","scopes":["runs:read"],"project":"other"}""";
        var (other, problem) = await server.SendAsync("POST", "/v1/keys", server.AcmeKey, body);
        Assert.Equal(HttpStatusCode.Forbidden, other);
        Assert.Equal("AEGIS6012", problem.GetProperty("code").GetString());
        var wide = """{"name":"k","scopes":["runs:read"]}""";
        Assert.Equal(HttpStatusCode.Forbidden,
            (await server.SendAsync("POST", "/v1/keys", server.AcmeKey, wide)).Status);
        Assert.Equal(HttpStatusCode.Created,
            (await server.SendAsync("POST", "/v1/keys", server.AcmeWide, wide)).Status);
        var project = """{"id":"more"}""";
        Assert.Equal(HttpStatusCode.Forbidden,
            (await server.SendAsync("POST", "/v1/projects", server.AcmeKey, project)).Status);
    }

    [Theory]
    [InlineData("admin:keys", "runs:read")]
    [InlineData("admin:keys", "admin:*")]
    [InlineData("admin:*", "operator:tenants")]
    public async Task Key_CannotGrantWhatItsMakerLacks(string holds, string asks)
    {
        var key = await server.KeyAsync("acme", null, holds);
        var body = $$"""{"name":"k","scopes":["{{asks}}"],"project":"web"}""";
        var (status, problem) = await server.SendAsync("POST", "/v1/keys", key, body);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("AEGIS6014", problem.GetProperty("code").GetString());
        Assert.Equal(asks, problem.GetProperty("got").GetString());
    }

    /// <summary>A PUT makes what it names; tests of its own show that it does so in its own
    /// project.</summary>
    private static bool PutsAName(RouteEndpoint door) =>
        door.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0] == "PUT";

    /// <summary>Tools are the installation's; what a call makes is a run like any other.</summary>
    private static bool OfTools(RouteEndpoint door) =>
        door.RoutePattern.RawText!.StartsWith("/v1/tools/{tool}", StringComparison.Ordinal);

    /// <summary>Any tenant may give a queue any name: what it lists is judged by
    /// <see cref="QueueDoorTests"/>.</summary>
    private static bool IsAQueue(RouteEndpoint door) => door.RoutePattern.RawText == "/v1/queues/{queue}";

    private Task<(HttpStatusCode Status, System.Text.Json.JsonElement Body)> SendAsync(
        string method, string path,
        Things ids, string key) =>
        server.SendAsync(method, DoorInventoryTests.Filled(path, ids.Plan, ids.Run, "build", ids.Key), key,
            Bodies.GetValueOrDefault(path));
}
