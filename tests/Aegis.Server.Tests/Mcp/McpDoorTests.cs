using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Mcp;

/// <summary>The MCP door of the whole product, on both wires: whose tools it shows, what a call leaves in the
/// ledger, and whom it refuses.</summary>
[Collection(RealServerGroup.Name)]
public sealed class McpDoorTests(RealServer server)
{
    [Fact]
    public async Task Tools_BothWires_ListWhatTheRestDoorLists_InOrder()
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var inSession = Names(await caller.SendAsync("tools/list"));
        var alone = Names(await new McpCaller(server).AloneAsync("tools/list"));
        var (_, rest, _) = await server.SendAsync("GET", "/v1/tools?limit=200");
        var listed = rest.GetProperty("items").EnumerateArray()
            .Select(t => t.GetProperty("name").GetString()!).ToList();
        Assert.Equal(listed, inSession);
        Assert.Equal(listed, alone);
        Assert.Equal(listed.Order(StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task Tools_ListingAndCalling_AreOneDecision()
    {
        var key = await server.KeyAsync("acme", "tools:flow");
        var all = new McpCaller(server);
        await all.OpenAsync();
        var some = new McpCaller(server, key);
        await some.OpenAsync();
        var listed = Names(await some.SendAsync("tools/list")).ToHashSet();
        Assert.Contains("flow.noop", listed);
        foreach (var name in Names(await all.SendAsync("tools/list")))
        {
            var result = (await some.CallAsync(name, new JsonObject { ["no such member"] = 1 })).Result;
            Assert.True(result.GetProperty("isError").GetBoolean());
            var code = result.GetProperty("_meta").GetProperty("aegis/error").GetProperty("code").GetString();
            // what is listed is judged by its input; the rest is refused for who asks
            Assert.True(listed.Contains(name) == code is "AEGIS2001", $"{name}: {code}");
        }
    }

    [Fact]
    public async Task Call_OfAPureTool_IsOneFactOfTheSessionsStream()
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync(new JsonObject { ["role"] = "reviewer", ["tenant_id"] = "acme" });
        var marker = $"m{Guid.NewGuid():N}";
        var result = (await caller.CallAsync("flow.noop", new JsonObject { ["value"] = marker })).Result;
        Assert.Equal(marker, result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.False(result.GetProperty("isError").GetBoolean());
        // committed before the answer: no waiting for it
        var facts = await server.CallFactsAsync("reviewer");
        Assert.Equal(["SessionOpened", "ToolReturned"], facts);
    }

    [Fact]
    public async Task Call_OfAToolThatNeedsAWorkspace_IsARun()
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var result = (await caller.CallAsync("file.write", new JsonObject
        {
            ["path"] = "a.txt",
            ["content"] = "x",
        })).Result;
        Assert.False(result.GetProperty("isError").GetBoolean());
        var run = result.GetProperty("_meta").GetProperty("aegis/call").GetProperty("run_id").GetString()!;
        Assert.Equal("PlanCompleted", (await server.EndedAsync(run))[^1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task Call_TheGateRefuses_SaysRuleExpectedGotAndMend()
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var refused = (await caller.CallAsync("shell.exec", new JsonObject { ["cmd"] = "date" })).Result;
        var policy = new JsonObject { ["aegis/policy"] = JsonNode.Parse("""{"allow_commands":["date"]}""") };
        var allowed = (await caller.CallAsync(
            "shell.exec", new JsonObject { ["cmd"] = "date" }, policy)).Result;
        Assert.True(refused.GetProperty("isError").GetBoolean());
        Assert.StartsWith("AEGIS", Error(refused).GetProperty("code").GetString());
        Assert.False(allowed.GetProperty("isError").GetBoolean(), allowed.GetRawText());
    }

    [Fact]
    public async Task Session_OfAnotherKey_DoesNotExist()
    {
        var mine = new McpCaller(server);
        await mine.OpenAsync();
        var thief = new McpCaller(server, server.RivalKey) { Session = mine.Session };
        Assert.Equal(HttpStatusCode.NotFound, (await thief.SendAsync("tools/list")).Status);
        Assert.Equal(HttpStatusCode.NotFound, await thief.EndAsync());
        // the control: its opener still has it, ends it, and then has it no more
        Assert.Equal(HttpStatusCode.OK, (await mine.SendAsync("tools/list")).Status);
        Assert.Equal(HttpStatusCode.OK, await mine.EndAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await mine.SendAsync("tools/list")).Status);
    }

    [Theory]
    [InlineData("tenant_id", "rival", "AEGIS6012")]
    [InlineData("project_id", "other", "AEGIS6012")]
    [InlineData("profile_id", "none-such", "AEGIS6202")]
    public async Task Names_ThatAreNotTheKeys_AreRefusedOnBothWires(string member, string value, string code)
    {
        var session = await new McpCaller(server).OpenAsync(new JsonObject { [member] = value });
        var alone = await new McpCaller(server).AloneAsync(
            "tools/list", new JsonObject { ["_meta"] = new JsonObject { [member] = value } });
        Assert.All([session, alone], r =>
        {
            Assert.Equal(HttpStatusCode.Forbidden, r.Status);
            Assert.Equal(code, r.Error.GetProperty("data").GetProperty("code").GetString());
        });
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "https://evil.example")]
    public async Task Page_OfAnotherSite_IsRefused(string header, string value)
    {
        var caller = new McpCaller(server);
        caller.Headers[header] = value;
        Assert.Equal(HttpStatusCode.Forbidden, (await caller.AloneAsync("tools/list")).Status);
        caller.Headers.Remove(header);
        Assert.Equal(HttpStatusCode.OK, (await caller.AloneAsync("tools/list")).Status);
    }

    [Fact]
    public async Task Headers_ThatSayAnotherThingThanTheBody_AreRefused()
    {
        var caller = new McpCaller(server);
        caller.Headers["Mcp-Name"] = "shell.exec";
        var call = new JsonObject { ["name"] = "flow.noop", ["arguments"] = new JsonObject() };
        var refused = await caller.AloneAsync("tools/call", (JsonObject)call.DeepClone());
        Assert.Equal((HttpStatusCode.BadRequest, -32020),
            (refused.Status, refused.Error.GetProperty("code").GetInt32()));
        caller.Headers.Clear();
        Assert.Equal(HttpStatusCode.OK, (await caller.AloneAsync("tools/call", call)).Status);
    }

    [Fact]
    public async Task Resources_OfAnotherTenant_AreNone()
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var made = (await caller.CallAsync("file.write", new JsonObject
        {
            ["path"] = "b.txt",
            ["content"] = "x",
        })).Result;
        var uri = "run://" + made.GetProperty("_meta").GetProperty("aegis/call")
            .GetProperty("run_id").GetString();
        var rival = new McpCaller(server, server.RivalKey);
        await rival.OpenAsync();
        var read = new JsonObject { ["uri"] = uri };
        Assert.Equal(-32002, (await rival.SendAsync("resources/read", (JsonObject)read.DeepClone()))
            .Error.GetProperty("code").GetInt32());
        var mine = (await caller.SendAsync("resources/read", read)).Result;
        Assert.Contains("call", mine.GetProperty("contents")[0].GetProperty("text").GetString());
    }

    private static JsonElement Error(JsonElement result) =>
        result.GetProperty("_meta").GetProperty("aegis/error");

    private static List<string> Names(McpReply reply) =>
        [.. reply.Result.GetProperty("tools").EnumerateArray()
            .Select(t => t.GetProperty("name").GetString()!)];
}
