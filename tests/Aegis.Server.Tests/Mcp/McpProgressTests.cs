using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Mcp;

/// <summary>What a client that gave a progress token hears while its call's run goes on, on both
/// wires.</summary>
[Collection(RealServerGroup.Name)]
public sealed class McpProgressTests(RealServer server)
{
    private const string Line = """
        name: line
        steps:
          - { id: a, uses: flow.noop }
          - { id: b, uses: flow.noop, approve: "Ship it?" }
        """;

    [Fact]
    public async Task TypescriptClient_HearsOfTheRunAndItsChild_AndNothingAfterTheEnd()
    {
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("PUT", "/v1/workflows/line",
            new JsonObject { ["workflow"] = Line }.ToJsonString())).Status);
        var said = await NodeProgram.RunAsync("mcp/progress.mjs", server.Server.Url.ToString(), server.Key);
        Assert.Equal("""
            workflow.run succeeded growing
            0/1 RUN has begun
            0/1 step call: started
            0/1 step call: stands on RUN
            0/3 step a: started
            1/3 step a: completed
            1/3 step b: waiting for approval
            1/3 step b: approved
            1/3 step b: started
            2/3 step b: completed
            3/3 step call: completed
            file.read failed growing
            0/1 RUN has begun
            0/1 step call: started
            1/1 step call: failed, AEGIS2110
            shell.exec cancelled growing
            0/1 step call: first words
            late 0

            """, said);
    }

    [Fact]
    public async Task StatelessWire_HearsTheSame_AndNobodyElseHearsAnything()
    {
        var caller = new McpCaller(server);
        var call = new JsonObject
        {
            ["name"] = "file.write",
            ["arguments"] = new JsonObject { ["path"] = "a.txt", ["content"] = "x" },
        };
        var silent = await caller.AloneAsync("tools/call", (JsonObject)call.DeepClone());
        Assert.Single(silent.Messages);
        call["_meta"] = new JsonObject { ["progressToken"] = "mine" };
        var reply = await caller.AloneAsync("tools/call", call);
        Assert.False(reply.Result.GetProperty("isError").GetBoolean());
        var told = reply.Messages.SkipLast(1).Select(m => m.GetProperty("params")).ToList();
        Assert.All(told, p => Assert.Equal("mine", p.GetProperty("progressToken").GetString()));
        Assert.Equal(["step call: started", "step call: completed"],
            told.Skip(1).Select(p => p.GetProperty("message").GetString()));
        Assert.Equal((1, 1), (told[^1].GetProperty("progress").GetInt32(),
            told[^1].GetProperty("total").GetInt32()));
    }
}
