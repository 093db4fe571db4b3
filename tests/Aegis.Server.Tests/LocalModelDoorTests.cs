using System.Net;
using System.Text.Json;
using Aegis.Core.Discovery;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>The doors and verbs of the server's machine: what is on it, and its models.</summary>
[Collection(ServerGroup.Name)]
public sealed class LocalModelDoorTests(ServerFixture server)
{
    [Fact]
    public async Task Discovery_TellsOfTheServersMachine_ToTheOperatorAlone()
    {
        var (status, found) = await server.SendAsync("GET", "/v1/discovery", server.OperatorKey);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("git", found.GetProperty("programs").EnumerateArray()
            .Select(p => p.GetProperty("name").GetString()));
        var count = found.GetProperty("programs").GetArrayLength()
            + found.GetProperty("missing").GetArrayLength();
        Assert.Equal(ProgramCatalogue.BuiltIn.Programs.Count, count);
        Assert.Equal(HttpStatusCode.Forbidden,
            (await server.SendAsync("GET", "/v1/discovery", server.AcmeWide)).Status);
    }

    [Fact]
    public async Task Discover_OnThisMachine_ShowsOneKind_AndAsJsonTheShapeOfTheServer()
    {
        var (exit, shown) = await server.AegisAsync("", "discover", "--json", "--kind", "tool");
        Assert.Equal(0, exit);
        using var json = JsonDocument.Parse(shown);
        Assert.Contains(json.RootElement.GetProperty("programs").EnumerateArray(), p =>
            p.GetProperty("name").GetString() == "git");
        Assert.All(json.RootElement.GetProperty("programs").EnumerateArray(), p =>
            Assert.Equal("tool", p.GetProperty("kind").GetString()));
        var (_, remote) = await server.AegisWithKeyAsync(
            server.OperatorKey, "", "discover", "--server", "--json");
        using var other = JsonDocument.Parse(remote);
        Assert.Equal(json.RootElement.EnumerateObject().Select(m => m.Name),
            other.RootElement.EnumerateObject().Select(m => m.Name));
        Assert.Equal(2, (await server.AegisAsync("", "discover", "--kind", "toy")).Exit);
    }

    [Fact]
    public async Task Models_AreSearched_Pulled_Pinned_Used_AndRemoved_ByTheCommandLine()
    {
        server.Hub.Has("acme/cli", "model.gguf", HubServer.Bytes(5_000, 7));
        var (found, list) = await AegisAsync("models", "search", "acme/cli");
        Assert.Equal(0, found);
        Assert.Contains("acme/cli", list, StringComparison.Ordinal);
        var (pulled, said) = await AegisAsync("models", "pull", "acme/cli");
        Assert.True(pulled == 0, said);
        Assert.Contains("acme/cli ready: 5000 bytes", said, StringComparison.Ordinal);
        Assert.Equal(0, (await AegisAsync("models", "local", "pin", "acme/cli")).Exit);
        var (_, listed) = await AegisAsync("models", "local", "list", "--json");
        using var json = JsonDocument.Parse(listed);
        var model = json.RootElement.GetProperty("items").EnumerateArray()
            .Single(m => m.GetProperty("model").GetString() == "acme/cli");
        Assert.Equal(("ready", 5_000, true), (model.GetProperty("status").GetString(),
            model.GetProperty("bytes").GetInt64(), model.GetProperty("pinned").GetBoolean()));
        var (_, path) = await AegisAsync("models", "local", "path", "acme/cli");
        Assert.Equal(HubServer.Bytes(5_000, 7), await File.ReadAllBytesAsync(path.Trim()));
        Assert.Equal(0, (await AegisAsync("models", "local", "remove", "acme/cli")).Exit);
        var (again, problem) = await AegisAsync("models", "local", "remove", "acme/cli");
        Assert.Equal(6, again);
        Assert.Contains("AEGIS2497", problem, StringComparison.Ordinal);
        Assert.False(File.Exists(path.Trim()));
    }

    [Fact]
    public async Task Pull_ThatFails_IsShownWithItsError()
    {
        server.Hub.Has("acme/wrong", "model.gguf", HubServer.Bytes(100));
        server.Hub.Instead = request => request.Target.Contains("/acme/wrong/resolve/")
            ? HubServer.File(HubServer.Bytes(100, 2), request) : null;
        var (exit, said) = await AegisAsync("models", "pull", "acme/wrong");
        server.Hub.Instead = _ => null;
        Assert.Equal(1, exit);
        Assert.Contains("acme/wrong failed", said, StringComparison.Ordinal);
        Assert.Contains("AEGIS2494", said, StringComparison.Ordinal);
        // what was loaded of it, and its error, go with it
        Assert.Equal(0, (await AegisAsync("models", "local", "remove", "acme/wrong")).Exit);
        var (_, listed) = await AegisAsync("models", "local", "list");
        Assert.DoesNotContain("acme/wrong", listed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme/none", "AEGIS2491")]
    [InlineData("../none", "AEGIS2499")]
    public async Task Pull_OfWhatTheHubHasNot_IsRefusedAtOnce(string model, string code)
    {
        var (exit, said) = await AegisAsync("models", "pull", model);
        Assert.Equal(6, exit);
        Assert.Contains(code, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_IsTheProjectsSecret_BoundToTheHub_AndItsUseIsAFact()
    {
        var bound = $"127.0.0.1:{server.Hub.Url.Port}";
        server.Hub.Has("acme/private", "model.gguf", HubServer.Bytes(100));
        await server.SendAsync("PUT", "/v1/secrets/hub-token", server.AcmeKey, """{"value":"hf_s3cret"}""");
        await server.SendAsync("POST", "/v1/secrets/hub-token:bind", server.AcmeKey,
            """{"hosts":["elsewhere.example"]}""");
        var (refused, why) = await AegisAsync(
            "models", "pull", "acme/private", "--token-secret", "hub-token");
        Assert.Equal(4, refused);
        Assert.Contains("AEGIS4206", why, StringComparison.Ordinal);
        await server.SendAsync("POST", "/v1/secrets/hub-token:bind", server.AcmeKey,
            $$"""{"hosts":["{{bound}}"]}""");
        var (exit, said) = await AegisAsync(
            "models", "pull", "acme/private", "--token-secret", "hub-token");
        Assert.True(exit == 0, said);
        Assert.All(server.Hub.Asked.Where(r => r.Target.Contains("acme/private")), r =>
            Assert.Equal("Bearer hf_s3cret", r.Authorization));
        Assert.DoesNotContain("hf_s3cret", said, StringComparison.Ordinal);
        Assert.Equal(6,
            (await AegisAsync("models", "pull", "acme/private", "--token-secret", "none")).Exit);
    }

    private Task<(int Exit, string Shown)> AegisAsync(params string[] arguments) =>
        server.AegisWithKeyAsync(server.OperatorKey, "", arguments);
}
