using System.Net;
using System.Text.Json;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Problems;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>Entity tags of single resources, read from every endpoint of the running server: a door that is
/// added without one fails here.</summary>
[Collection(ServerGroup.Name)]
public sealed class ConditionTests(ServerFixture server)
{
    // pages of one thing whose path does not end in an id
    private static readonly string[] Pages =
        ["/v1/profile", "/v1/version", "/v1/plans/{plan}/status", "/v1/tasks/{task}/affected",
            "/v1/artifacts/{artifact}/content", "/spawn/{spawn}/status"];

    private IEnumerable<(string Method, string Path, RouteEndpoint Endpoint)> Doors =>
        server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>().Select(e => (
            e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0], e.RoutePattern.RawText!, e));

    private IEnumerable<string> TaggedReads => Doors.Where(d => IsTagged(d.Endpoint) && d.Method == "GET"
        && !DoorInventoryTests.IsForge(d.Path) && d.Endpoint.Metadata.GetMetadata<OpenDoor>() is null)
        .Select(d => d.Path);

    [Fact]
    public void Doors_OfOneThing_AreAllTagged_AndNoOthers()
    {
        foreach (var (method, path, endpoint) in Doors.Where(d => !DoorInventoryTests.IsForge(d.Path)
            && d.Path != "/mcp" && d.Endpoint.Metadata.GetMetadata<IProblemForm>() is null))
        {
            // a queue's name ends a path, and stands for a list
            var ofOne = method is "PUT" or "PATCH" or "DELETE" || (method == "GET"
                && ((path.EndsWith('}') && path != "/v1/queues/{queue}") || Pages.Contains(path)));
            Assert.True(IsTagged(endpoint) == ofOne, $"{method} {path}: .WithEntityTag()?");
        }
    }

    [Fact]
    public async Task Reads_ShowAStrongTag_AndAreNotRepeatedToWhoHasIt()
    {
        var own = await Things.MakeAsync(server, server.AcmeKeys, "acme");
        await server.SendAsync("PUT", "/v1/profile", server.AcmeKey, JsonSerializer.Serialize(new
        {
            yaml = "models: {}",
            files = new Dictionary<string, string>
            {
                ["knowledge/own.md"] = ArticleText.Of($"own-{own.Key}", "Own shape"),
            },
        }));
        Assert.True(TaggedReads.Count() >= 15, $"{TaggedReads.Count()} doors");
        foreach (var door in TaggedReads)
        {
            var path = DoorInventoryTests.Filled(door, own.Plan, own.Run, "build", own.Key);
            using var first = await SendAsync("GET", path);
            var tag = first.Headers.ETag?.ToString() ?? "none";
            Assert.True(first.StatusCode == HttpStatusCode.OK && tag.StartsWith('"'),
                $"{path}: {(int)first.StatusCode} {tag}");
            foreach (var has in new[] { tag, $"W/{tag}", $"\"other, one\", {tag}", "*" })
            {
                using var again = await SendAsync("GET", path, noneMatch: has);
                Assert.Equal((path, has, HttpStatusCode.NotModified, tag, ""), (path, has, again.StatusCode,
                    again.Headers.ETag?.ToString(), await again.Content.ReadAsStringAsync()));
            }
            using var other = await SendAsync("GET", path, noneMatch: "\"other\"");
            using var wanted = await SendAsync("GET", path, match: tag);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (other.StatusCode, wanted.StatusCode));
            await RefusedAsync(await SendAsync("GET", path, match: "\"other\""), 412, "AEGIS6077");
            await RefusedAsync(await SendAsync("GET", path, match: $"W/{tag}"), 412, "AEGIS6077");
            await RefusedAsync(await SendAsync("GET", path, noneMatch: "bare"), 400, "AEGIS6076");
        }
    }

    [Fact]
    public async Task ForeignIds_AreNotThere_WhateverIsAsked()
    {
        var own = await Things.MakeAsync(server, server.AcmeKeys, "acme");
        var doors = Doors.Where(d => IsTagged(d.Endpoint) && d.Endpoint.RoutePattern.Parameters.Count > 0
            && d.Method is "GET" or "DELETE" && !DoorInventoryTests.IsForge(d.Path)
            && d.Endpoint.Metadata.GetMetadata<OpenDoor>() is null
            && !d.Path.Contains("{tool}", StringComparison.Ordinal)).ToList();
        Assert.True(doors.Count >= 14, $"{doors.Count} doors");
        foreach (var (method, door, _) in doors)
        {
            var path = DoorInventoryTests.Filled(door, own.Plan, own.Run, "build", own.Key);
            string tag;
            using (var seen = await SendAsync("GET", path))
            {
                // a door that only deletes shows no tag
                tag = seen.Headers.ETag?.ToString() ?? "\"none\"";
            }
            foreach (var (match, noneMatch) in new (string?, string?)[]
                { (tag, null), ("*", null), ("\"x\"", null), (null, tag), (null, "*") })
            {
                using var reply = await SendAsync(method, path, match, noneMatch, key: server.RivalKey);
                var body = await reply.Content.ReadAsStringAsync();
                Assert.True(reply.StatusCode == HttpStatusCode.NotFound && reply.Headers.ETag is null
                    && body.Contains("AEGIS6020", StringComparison.Ordinal),
                    $"{method} {path} {match} {noneMatch}: {(int)reply.StatusCode} {body}");
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("bare")]
    [InlineData("\"open")]
    [InlineData("\"a\" \"b\"")]
    [InlineData("*, \"a\"")]
    [InlineData("W/")]
    public async Task Malformed_IsRefused_AndNothingIsDone(string value)
    {
        await server.SendAsync("PUT", "/v1/secrets/kept", server.AcmeKey, """{"value":"one"}""");
        using (var put = await SendAsync("PUT", "/v1/secrets/kept", match: value,
            body: """{"value":"two"}"""))
        {
            await RefusedAsync(put, 400, "AEGIS6076");
        }
        await RefusedAsync(await SendAsync("DELETE", "/v1/secrets/kept", noneMatch: value), 400,
            "AEGIS6076");
        Assert.Equal("one", await server.Server.Parts.Secrets.ValueAsync(
            ServerFixture.Acme, server.AcmeKeys, "kept", default));
    }

    [Theory]
    [InlineData(DoorLimits.EntityTagsMax, HttpStatusCode.OK)]
    [InlineData(DoorLimits.EntityTagsMax + 1, HttpStatusCode.BadRequest)]
    public async Task Tags_HaveALimit(int count, HttpStatusCode expected)
    {
        var tags = string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"{i}\""));
        using var reply = await SendAsync("GET", "/v1/version", noneMatch: tags);
        Assert.Equal(expected, reply.StatusCode);
    }

    [Fact]
    public async Task Download_ReadsTagsAsEveryDoorDoes()
    {
        await server.PutArtifactAsync("acme", "tagged", "tagged.txt", "words");
        var (_, link) = await server.SendAsync("POST", "/v1/artifacts/tagged:link", server.AcmeKey, "{}");
        var path = link.GetProperty("path").GetString()!;
        using var first = await SendAsync("GET", path);
        using var again = await SendAsync("GET", path, noneMatch: $"W/{first.Headers.ETag}");
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        await RefusedAsync(await SendAsync("GET", path, noneMatch: "bare"), 400, "AEGIS6076");
    }

    private static bool IsTagged(Endpoint door) => door.Metadata.GetMetadata<TaggedDoor>() is not null;

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? match = null,
        string? noneMatch = null, string? body = null, string? key = null) =>
        Conditional.SendAsync(server, method, path, match, noneMatch, body, key);

    private static async Task RefusedAsync(HttpResponseMessage reply, int status, string code)
    {
        using (reply)
        {
            var text = await reply.Content.ReadAsStringAsync();
            Assert.Equal((status, code), ((int)reply.StatusCode,
                JsonElement.Parse(text).GetProperty("code").GetString()));
            Assert.Null(reply.Headers.ETag);
        }
    }
}

/// <summary>Requests with If-Match and If-None-Match, as they stand.</summary>
internal static class Conditional
{
    public static async Task<HttpResponseMessage> SendAsync(ServerFixture server, string method, string path,
        string? match = null, string? noneMatch = null, string? body = null, string? key = null)
    {
        using var request = server.Request(method, path, key ?? server.AcmeKey, body);
        if (match is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", match);
        }
        if (noneMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", noneMatch);
        }
        return await server.Http.SendAsync(request);
    }

    public static async Task<int> StatusAsync(ServerFixture server, string method, string path,
        string? match = null, string? noneMatch = null, string? body = null)
    {
        using var reply = await SendAsync(server, method, path, match, noneMatch, body);
        return (int)reply.StatusCode;
    }

    public static async Task<string> TagAsync(ServerFixture server, string path)
    {
        using var reply = await SendAsync(server, "GET", path);
        return reply.Headers.ETag!.ToString();
    }
}
