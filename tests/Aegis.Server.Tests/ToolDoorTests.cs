using System.Net;
using System.Text.Json;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Tools called at the door of the whole product: every call is a run, and the gate has the
/// word.</summary>
[Collection(RealServerGroup.Name)]
public sealed class ToolDoorTests(RealServer server)
{
    [Fact]
    public async Task List_ShowsWhatTheKeyMayCall_AndShowsNothingElse()
    {
        var key = await server.KeyAsync("acme", "tools:shell", "runs:write");
        var (_, list, _) = await server.SendAsync("GET", "/v1/tools", key: key);
        var tools = list.GetProperty("items").EnumerateArray().ToList();
        Assert.All(tools, t => Assert.Equal("tools:shell", t.GetProperty("scope").GetString()));
        Assert.Contains(tools, t => t.GetProperty("name").GetString() == "shell.exec");
        var (_, all, _) = await server.SendAsync("GET", "/v1/tools");
        foreach (var tool in all.GetProperty("items").EnumerateArray())
        {
            var name = tool.GetProperty("name").GetString()!;
            var listed = tools.Any(t => t.GetProperty("name").GetString() == name);
            var (shown, _, _) = await server.SendAsync("GET", $"/v1/tools/{name}", key: key);
            Assert.Equal(listed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, shown);
            // what is not listed is not callable, whatever the input; what is listed is judged by its input
            var (called, refusal, _) = await server.SendAsync(
                "POST", $"/v1/tools/{name}:invoke", """{"input":{"no such member":1}}""", key);
            Assert.Equal((HttpStatusCode)(listed ? 400 : 403), called);
            Assert.Equal(listed ? "input" : "scope", refusal.GetProperty("rule").GetString());
        }
    }

    [Fact]
    public async Task Show_HasASchemaMadeOfTheInputsRecord()
    {
        var (_, tool, _) = await server.SendAsync("GET", "/v1/tools/shell.exec");
        var schema = tool.GetProperty("input_schema");
        Assert.Equal("cmd", Assert.Single(schema.GetProperty("required").EnumerateArray()).GetString());
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
        var cmd = schema.GetProperty("properties").GetProperty("cmd");
        Assert.Equal((1, 65536),
            (cmd.GetProperty("minLength").GetInt32(), cmd.GetProperty("maxLength").GetInt32()));
        var (missing, problem, _) = await server.SendAsync("GET", "/v1/tools/shell.exce");
        Assert.Equal((HttpStatusCode.NotFound, "AEGIS2002"),
            (missing, problem.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Invoke_IsARunOfOneStep_AndItsInputIsNoTemplate()
    {
        const string odd = "$${{ run.id }} ${HOME} 😀 \\uD83D \"q\" #x\n- y: 'z'";
        var body = JsonSerializer.Serialize(new
        {
            input = new { path = "a.txt", content = odd },
        });
        var (status, call, _) = await server.SendAsync("POST", "/v1/tools/file.write:invoke", body);
        Assert.True(status == HttpStatusCode.OK, call.GetRawText());
        Assert.True(call.GetProperty("ok").GetBoolean());
        var run = call.GetProperty("run_id").GetString()!;
        Assert.Equal(($"{run}.call.1", "succeeded"),
            (call.GetProperty("call_id").GetString(), call.GetProperty("status").GetString()));
        var facts = await server.EndedAsync(run);
        Assert.Equal(["RunStarted", "TaskStarted", "ToolCalled", "ToolReturned", "TaskCompleted",
            "PlanCompleted"], facts.Select(f => f.GetProperty("type").GetString()));
        Assert.Equal("tool:file.write",
            facts[0].GetProperty("payload").GetProperty("name").GetString());
        Assert.Equal(odd, facts[1].GetProperty("payload").GetProperty("input").GetProperty("content")
            .GetString());
        Assert.Equal(HttpStatusCode.NotFound,
            (await server.SendAsync("GET", $"/v1/runs/{run}", key: server.RivalKey)).Status);
    }

    [Fact]
    public async Task Invoke_WhoseCommandFails_SaysWhatCameOfIt()
    {
        var (status, call, _) = await server.SendAsync("POST", "/v1/tools/shell.exec:invoke",
            """{"input":{"cmd":"ls /nowhere"},"policy":{"allow_commands":["ls"]}}""");
        Assert.True(status == HttpStatusCode.OK, call.GetRawText());
        Assert.Equal(("failed", false, 2, "AEGIS2101"), (call.GetProperty("status").GetString(),
            call.GetProperty("ok").GetBoolean(), call.GetProperty("exit_code").GetInt32(),
            call.GetProperty("error").GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("shell.exec", """{"input":{"cmd":"rm -rf /"}}""", 403, "default")]
    [InlineData("shell.exec", """{"input":{"cmd":"ls"},"policy":{"allow_commands":["echo"]}}""", 403,
        "default")]
    [InlineData("http.fetch", """{"input":{"url":"https://example.com/"}}""", 403, "egress_allow")]
    [InlineData("shell.exec", """{"input":{"cmd":1}}""", 400, "input")]
    [InlineData("shell.exec", "{}", 400, "input")]
    public async Task Invoke_ThatTheGateDenies_IsAProblemWithItsRule_AndNoRun(
        string tool, string body, int expected, string rule)
    {
        var project = $"d{Guid.NewGuid():N}"[..12];
        await server.ProjectAsync(new("acme", project));
        var key = (await server.MakeKeyAsync(new("acme", project))).Secret;
        var (status, problem, _) = await server.SendAsync("POST", $"/v1/tools/{tool}:invoke", body, key);
        Assert.Equal(expected, (int)status);
        Assert.Equal(rule, problem.GetProperty("rule").GetString());
        // the facts: a row would follow them by some 50 ms
        Assert.Equal("0", await server.UntilAsync("""
            SELECT count(*)::text FROM events JOIN projects USING (project_key)
             WHERE project_id = $1 AND type = 'RunStarted'
            """, project));
    }

    [Fact]
    public async Task Invoke_OfACommandThatARuleAsksAbout_WaitsForAHuman_AndIsCalledOnceGranted()
    {
        const string body = """
            {"input":{"cmd":"git push --force origin main"},"policy":{"allow_commands":["git push"]}}
            """;
        var (status, call, location) =
            await server.SendAsync("POST", "/v1/tools/shell.exec:invoke", body);
        Assert.True(status == HttpStatusCode.Accepted, call.GetRawText());
        var (run, approval) = (call.GetProperty("run_id").GetString()!,
            call.GetProperty("approval_id").GetString()!);
        // what the answer names is there for whoever asks at once
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", location!)).Status);
        Assert.Equal(("waiting_approval", $"{run}.call", $"/v1/approvals/{approval}", $"{run}.call.2"),
            (call.GetProperty("status").GetString(), approval, location,
                call.GetProperty("call_id").GetString()));
        Assert.Equal(HttpStatusCode.Accepted,
            (await server.SendAsync("POST", $"/v1/approvals/{approval}:grant", "{}")).Status);
        var facts = await server.EndedAsync(run);
        Assert.Equal(["RunStarted", "TaskStarted", "ApprovalRequested", "ApprovalGranted", "TaskStarted",
            "ToolCalled", "ToolReturned", "TaskFailed", "RunFailed"],
            facts.Select(f => f.GetProperty("type").GetString()));
        var asked = facts[2].GetProperty("payload");
        Assert.Equal($"granted: {asked.GetProperty("rule").GetString()}",
            facts[5].GetProperty("payload").GetProperty("rule").GetString());
        // it was run: git itself says that there is no repository
        Assert.Equal("AEGIS2101",
            facts[7].GetProperty("payload").GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Invoke_WithApprove_IsAskedFirst_AndANoEndsIt()
    {
        var (status, call, _) = await server.SendAsync("POST", "/v1/tools/flow.noop:invoke",
            """{"approve":"really ${{ run.id }}?"}""");
        Assert.Equal(HttpStatusCode.Accepted, status);
        var approval = call.GetProperty("approval_id").GetString();
        var (run, facts) = (call.GetProperty("run_id").GetString()!, default(IReadOnlyList<JsonElement>));
        Assert.Equal($"{run}.call.1", call.GetProperty("call_id").GetString());
        Assert.Equal(HttpStatusCode.Accepted, (await server.SendAsync(
            "POST", $"/v1/approvals/{approval}:deny", """{"reason":"no"}""")).Status);
        facts = await server.EndedAsync(run);
        Assert.Equal("really ${{ run.id }}?", facts[1].GetProperty("payload").GetProperty("message")
            .GetString());
        Assert.Equal(["RunStarted", "ApprovalRequested", "ApprovalDenied", "TaskFailed", "RunFailed"],
            facts.Select(f => f.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("""{"wait":0}""", null)]
    [InlineData("{}", "respond-async, wait=0")]
    public async Task Invoke_ThatTakesLongerThanTheCallerWaits_IsLookedUpByItsRun(string body, string? prefer)
    {
        const string rest = """ "input":{"cmd":"sleep 1000"},"policy":{"allow_commands":["sleep"]}} """;
        var with = body[..^1] + (body.Length > 2 ? "," : "") + rest;
        var (status, call, location) = await server.SendAsync(
            "POST", "/v1/tools/shell.exec:invoke", with, prefer: prefer);
        var run = call.GetProperty("run_id").GetString()!;
        Assert.Equal((HttpStatusCode.Accepted, $"/v1/runs/{run}", "running", false),
            (status, location, call.GetProperty("status").GetString(), call.TryGetProperty("ok", out _)));
        await server.SendAsync("POST", $"/v1/runs/{run}:cancel", "{}");
        Assert.Equal("RunCancelled",
            (await server.EndedAsync(run))[^1].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("120s", 200)]
    [InlineData("120001ms", 400)]
    [InlineData("soon", 400)]
    public async Task Wait_Bounds(string wait, int expected) =>
        Assert.Equal(expected, (int)(await server.SendAsync("POST", "/v1/tools/flow.noop:invoke",
            $$"""{"wait":"{{wait}}"}""")).Status);

    [Theory]
    [InlineData("""{"approve":1}""")]
    [InlineData("""{"approve":""}""")]
    [InlineData("""{"wait":-1}""")]
    [InlineData("""{"wait":120001}""")]
    [InlineData("""{"nonsense":1}""")]
    [InlineData("""{"policy":{"nonsense":1}}""")]
    [InlineData("""{"project_id":"other"}""")]
    public async Task Invoke_ThatIsMalformed_IsRefused(string body) =>
        Assert.InRange((int)(await server.SendAsync("POST", "/v1/tools/flow.noop:invoke", body)).Status,
            400, 403);

    [Fact]
    public async Task Invoke_NeedsTheScopeOfRunsToo()
    {
        var key = await server.KeyAsync("acme", "tools:*");
        var (status, problem, _) = await server.SendAsync(
            "POST", "/v1/tools/flow.noop:invoke", "{}", key);
        Assert.Equal((HttpStatusCode.Forbidden, "runs:write"),
            (status, problem.GetProperty("expected").GetString()));
    }

    [Fact]
    public async Task Socket_OfARealRun_SendsEventsAndTheWholeLog()
    {
        var (_, call, _) = await server.SendAsync("POST", "/v1/tools/shell.exec:invoke", """
            {"wait":0,"input":{"cmd":"seq 3"},"policy":{"allow_commands":["seq"]}}
            """);
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {server.Key}");
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Server.Url.Port}"
            + $"/v1/runs/{call.GetProperty("run_id").GetString()}?logs=true"), default);
        var (types, log) = (new List<string?>(), "");
        var buffer = new byte[1 << 20];
        while (await socket.ReceiveAsync(buffer.AsMemory(), default) is
            { MessageType: System.Net.WebSockets.WebSocketMessageType.Text } read)
        {
            var message = JsonElement.Parse(buffer.AsSpan(0, read.Count));
            if (message.TryGetProperty("log", out var piece))
            {
                log += piece.GetProperty("text").GetString();
                continue;
            }
            types.Add(message.GetProperty("type").GetString());
        }
        Assert.Equal("PlanCompleted", types[^1]);
        Assert.Equal("1\n2\n3\n", log);
        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }
}
