using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine.Calls;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Server.Mcp;
using Aegis.Server.Tests.Support;
using ModelContextProtocol.Server;

namespace Aegis.Server.Tests.Mcp;

/// <summary>The MCP door's limits, at the edge and one past it.</summary>
[Collection(RealServerGroup.Name)]
public sealed class McpLimitTests(RealServer server)
{
    [Fact]
    public async Task Sessions_OfOneProject()
    {
        // a project that nobody else has a session of
        var crowded = new Tenancy("rival", "crowded");
        await server.ProjectAsync(crowded);
        var key = (await server.MakeKeyAsync(crowded)).Secret;
        var callers = Enumerable.Range(0, DoorLimits.McpSessionsPerProjectMax)
            .Select(_ => new McpCaller(server, key)).ToList();
        foreach (var caller in callers)
        {
            Assert.Equal(HttpStatusCode.OK, (await caller.OpenAsync()).Status);
        }
        var more = new McpCaller(server, key);
        var refused = await more.OpenAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal("AEGIS6201", refused.Error.GetProperty("data").GetProperty("code").GetString());
        // another project has room, and so has this one when a session ends
        Assert.Equal(HttpStatusCode.OK, (await new McpCaller(server).OpenAsync()).Status);
        foreach (var caller in callers)
        {
            Assert.Equal(HttpStatusCode.OK, await caller.EndAsync());
        }
        Assert.Equal(HttpStatusCode.OK, (await more.OpenAsync()).Status);
        await more.EndAsync();
    }

    /// <summary>Of all projects together; they are no more than counted here.</summary>
    [Fact]
    public async Task Sessions_OfTheServer()
    {
        var parts = server.Server.Parts;
        var sessions = new McpSessions(parts);
        var made = new List<McpSession>();
        McpSession Open(int n)
        {
            var keys = new TenancyKeys(n / DoorLimits.McpSessionsPerProjectMax, 1);
            var by = new Principal("key:a", new Tenancy("a", "b"), []);
            return sessions.Open(keys, () =>
            {
                var transport = new StreamableHttpServerTransport();
                return new McpSession(McpSessions.NewId(), new Aegis.Server.Mcp.McpCaller(by, keys, null,
                    SessionNames.None, new McpCalls(parts, by, new SessionRequest("mcp", null, null, null))),
                    transport, McpServer.Create(transport, new McpServerOptions()), TimeProvider.System);
            });
        }
        for (var n = 0; n < DoorLimits.McpSessionsMax; n++)
        {
            made.Add(Open(n));
        }
        Assert.Equal("AEGIS6201",
            Assert.Throws<AegisException>(() => Open(DoorLimits.McpSessionsMax)).Error.Code);
        await sessions.EndAsync(made[0]);
        made.Add(Open(DoorLimits.McpSessionsMax));
        foreach (var session in made)
        {
            await sessions.EndAsync(session);
        }
        Assert.Equal(0, sessions.Count);
    }

    [Theory]
    [InlineData(DoorLimits.McpResourceBytesMax, null)]
    [InlineData(DoorLimits.McpResourceBytesMax + 1, "AEGIS6210")]
    public async Task Resource_Bytes(int bytes, string? code)
    {
        var content = new string('x', bytes);
        var (status, made, _) = await server.SendAsync("POST", "/v1/artifacts",
            $$"""{"path":"logs/{{bytes}}.txt","media_type":"text/plain","content":"{{content}}"}""");
        Assert.True(status == HttpStatusCode.Created, made.ToString());
        var id = (made.TryGetProperty("artifact_id", out var own) ? own
            : made.GetProperty("artifact").GetProperty("artifact_id")).GetString();
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var reply = await caller.SendAsync("resources/read", new JsonObject { ["uri"] = $"artifact://{id}" });
        if (code is null)
        {
            Assert.Equal(content,
                reply.Result.GetProperty("contents")[0].GetProperty("text").GetString());
        }
        else
        {
            Assert.Equal(code, reply.Error.GetProperty("data").GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Watches_OfOneSession()
    {
        await using var watches = new McpWatches();
        for (var i = 0; i < DoorLimits.McpWatchesMax; i++)
        {
            watches.Begin($"run://{i}", Never, null!);
        }
        Assert.Equal("AEGIS6201", Assert.Throws<AegisException>(
            () => watches.Begin("run://more", Never, null!)).Error.Code);
        watches.End("run://0");
        watches.Begin("run://more", Never, null!);
    }

    private static async IAsyncEnumerable<int> Never([EnumeratorCancellation] CancellationToken until)
    {
        await new TaskCompletionSource().Task.WaitAsync(until);
        yield return 0;
    }
}
