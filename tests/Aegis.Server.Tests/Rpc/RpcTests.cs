using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Aegis.Server.Auth;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Rpc;

/// <summary>The ops of document 1 on the whole product, in the three ways of speaking.</summary>
[Collection(RealServerGroup.Name)]
public sealed class RpcTests(RealServer server)
{
    private async Task<string> RepositoryAsync()
    {
        var repo = $"r{Guid.NewGuid():N}"[..12];
        var folder = Directory.CreateTempSubdirectory("aegis-rpc-").FullName;
        await server.SendAsync("POST", "/v1/repos", JsonSerializer.Serialize(new { id = repo }));
        var script = $"""
            set -e
            cd {folder}
            git init -q -b main . && git config user.name t && git config user.email t@example.com
            echo one > a.txt && git add . && git commit -qm one
            git checkout -qb feat/x && echo two >> a.txt && git commit -qam two
            git -c http.extraHeader="Authorization: Bearer {server.Key}" push -q \
              {server.Server.Url}git/web/{repo}.git main feat/x
            """;
        await Shell.RunAsync(script);
        Directory.Delete(folder, recursive: true);
        return repo;
    }

    [Fact]
    public async Task Exec_StreamsWhatTheCommandWrites_AndEndsWithItsCode()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.SendAsync(
            new { op = "exec", id = 1, cmd = "echo one; sleep 0.3; echo two; test -e /none" });
        var began = await talk.UntilAsync(m => m.TryGetProperty("run_id", out _));
        Assert.False(began.TryGetProperty("ok", out _));
        await talk.UntilAsync(m => Stream(m).Contains("one", StringComparison.Ordinal));
        await talk.UntilAsync(m => Stream(m).Contains("two", StringComparison.Ordinal));
        var end = await talk.UntilAsync(m => m.TryGetProperty("ok", out _));
        Assert.Equal((1, false, 1, "AEGIS2101"), (end.GetProperty("id").GetInt32(),
            end.GetProperty("ok").GetBoolean(), end.GetProperty("exitCode").GetInt32(),
            end.GetProperty("error").GetProperty("code").GetString()));
        var facts = await server.EndedAsync(end.GetProperty("run_id").GetString()!);
        Assert.Contains(facts, f => f.GetProperty("type").GetString() == "ToolCalled");
    }

    [Fact]
    public async Task DocumentOneOps_WorkAsTheyStandThere()
    {
        var repo = await RepositoryAsync();
        using var talk = await RpcTalk.OpenAsync(server.Server.Url, server.Key, "/ws");
        var status = await talk.AskAsync(new { op = "git.status", repo = $"/{repo}" });
        Assert.True(status.GetProperty("ok").GetBoolean(), status.GetRawText());
        Assert.True(status.GetProperty("outputs").GetProperty("clean").GetBoolean());
        var exec = await talk.AskAsync(new { op = "exec", pty = true, cwd = $"/{repo}", cmd = "git status" });
        Assert.True(exec.GetProperty("ok").GetBoolean());
        Assert.Equal(0, exec.GetProperty("exitCode").GetInt32());
        await talk.UntilAsync(m => Stream(m).Contains("On branch main", StringComparison.Ordinal));
        var diff = await talk.AskAsync(
            new { op = "git.diff", repo, @ref = "feat/x", @base = "origin/main" });
        Assert.Contains("+two", Stream(diff), StringComparison.Ordinal);
        var pull = await talk.AskAsync(new { op = "github.pr.create", repo = $"/{repo}", @base = "main",
            head = "feat/x", title = "feat: x", body = "why" });
        Assert.True(pull.GetProperty("ok").GetBoolean(), pull.GetRawText());
        Assert.Equal(1, pull.GetProperty("outputs").GetProperty("number").GetInt32());
        var (got, made, _) = await server.SendAsync("GET", $"/forge/repos/web/{repo}/pulls/1");
        Assert.Equal((HttpStatusCode.OK, "feat: x"), (got, made.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Chat_OfAProviderThatIsNotThere_IsRecorded_AndSaysSo()
    {
        await server.SendAsync("PUT", "/v1/profile", JsonSerializer.Serialize(new
        {
            yaml = "models:\n  rehearsal: { file: rehearsals/r.yaml }\n",
            files = new Dictionary<string, string>
            {
                ["rehearsals/r.yaml"] = "turns:\n  - role: user\n    turn: 1\n    reply: hello there\n",
            },
        }));
        using var talk = await RpcTalk.OpenAsync(server);
        var answer = await talk.AskAsync(new { op = "llm.chat", provider = "nobody", model = "none",
            messages = new[] { new { role = "user", content = "hi" } } });
        // the call was judged, made and recorded, and says so
        Assert.False(answer.GetProperty("ok").GetBoolean());
        var facts = await server.EndedAsync(answer.GetProperty("run_id").GetString()!);
        Assert.Contains(facts, f => f.GetProperty("type").GetString() == "ToolCalled"
            && f.GetRawText().Contains("llm.chat", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ToolContract_AnswersOnce_WithTheWholeStream()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TextAsync(
            """{"id":"call-1","tool":"shell.exec","input":{"cmd":"echo built; echo more","cwd":"/work"}}""");
        var answer = await talk.UntilAsync(m => m.TryGetProperty("id", out _));
        Assert.Equal(
            """{"id":"call-1","ok":true,"stream":[{"type":"stdout","data":"built\nmore\n"}],"""
            + "\"exitCode\":0}", Only(answer, "id", "ok", "stream", "exitCode"));
        await talk.TextAsync("""{"id":"call-2","tool":"shell.exec","input":{"cmd":"exit 3"}}""");
        var failed = await talk.UntilAsync(m => m.TryGetProperty("id", out _));
        Assert.Equal("""{"id":"call-2","ok":false,"stream":[],"exitCode":3}""",
            Only(failed, "id", "ok", "stream", "exitCode"));
    }

    [Fact]
    public async Task JsonRpc_IsSpokenToo()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TextAsync("""{"jsonrpc":"2.0","id":7,"method":"exec","params":{"cmd":"echo hi"}}""");
        await talk.UntilAsync(m => m.TryGetProperty("method", out var method)
            && method.GetString() == "stream" && Stream(m.GetProperty("params")) == "hi\n");
        var result = await talk.UntilAsync(m => m.TryGetProperty("result", out _));
        Assert.Equal((7, 0), (result.GetProperty("id").GetInt32(),
            result.GetProperty("result").GetProperty("exitCode").GetInt32()));
        await talk.TextAsync("""{"jsonrpc":"2.0","id":"x","method":"nothing"}""");
        var error = await talk.UntilAsync(m => m.TryGetProperty("error", out _));
        Assert.Equal(("x", -32000, "AEGIS6321"), (error.GetProperty("id").GetString(),
            error.GetProperty("error").GetProperty("code").GetInt32(),
            error.GetProperty("error").GetProperty("data").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Policy_HoldsForEveryOp_AsForEveryCall()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        var policy = new { allow_commands = new[] { "git status" } };
        var denied = await talk.AskAsync(new { op = "exec", cmd = "ls", policy });
        Assert.Equal("AEGIS1140", Code(denied));
        Assert.True((await talk.AskAsync(new { op = "exec", cmd = "ls /" })).GetProperty("ok").GetBoolean());
        // guards hold whatever is allowed
        Assert.Equal("AEGIS1141", Code(await talk.AskAsync(
            new { op = "exec", cmd = "find . -exec sh {} ;" })));
        using var reader = await RpcTalk.OpenAsync(server, await server.KeyAsync("acme", "runs:read"));
        Assert.Equal("AEGIS6011", Code(await reader.AskAsync(new { op = "exec", cmd = "ls" })));
        using var flow = await RpcTalk.OpenAsync(
            server, await server.KeyAsync("acme", "runs:write", "tools:flow"));
        Assert.Equal("AEGIS2003", Code(await flow.AskAsync(new { op = "exec", cmd = "ls" })));
        // and a repository of another tenant is not there
        var repo = await RepositoryAsync();
        using var rival = await RpcTalk.OpenAsync(server, server.RivalKey);
        var foreign = await rival.AskAsync(new { op = "git.status", repo });
        Assert.False(foreign.GetProperty("ok").GetBoolean(), foreign.GetRawText());
    }

    [Theory]
    [InlineData("", "AEGIS6320")]
    [InlineData("{", "AEGIS6320")]
    [InlineData("[]", "AEGIS6320")]
    [InlineData("null", "AEGIS6320")]
    [InlineData("{}", "AEGIS6320")]
    [InlineData("""{"op":7}""", "AEGIS6320")]
    [InlineData("""{"op":"exec"}""", "AEGIS6320")]
    [InlineData("""{"op":"exec","cmd":7}""", "AEGIS6320")]
    [InlineData("""{"op":"exec","cmd":"ls","cmd":"id"}""", "AEGIS6320")]
    [InlineData("""{"op":"exec","cmd":"ls","colour":"red"}""", "AEGIS6320")]
    [InlineData("""{"op":"exec","cmd":""}""", "AEGIS6320")]
    [InlineData("""{"op":"rm","id":1}""", "AEGIS6321")]
    [InlineData("""{"op":"exec","id":{},"cmd":"ls"}""", "AEGIS6320")]
    [InlineData("""{"op":"exec","cmd":"ls","tenant_id":"rival"}""", "AEGIS6012")]
    [InlineData("""{"op":"pty.open","columns":0}""", "AEGIS2001")]
    [InlineData("""{"op":"pty.open","timeout":"2d"}""", "AEGIS6320")]
    [InlineData("""{"op":"pty.attach","session":"../x"}""", "AEGIS6020")]
    [InlineData("""{"op":"pty.write","session":"run_1","data":"x"}""", "AEGIS6020")]
    [InlineData("""{"op":"pair.confirm","code":"123456"}""", "AEGIS6302")]
    [InlineData("""{"op":"auth","key":"aegis_key_x"}""", "AEGIS6320")]
    public async Task MalformedMessages_AreRefusedOneByOne_AndTheConnectionGoesOn(string text, string code)
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TextAsync(text);
        var refused = await talk.UntilAsync(m => m.TryGetProperty("error", out _));
        Assert.Equal(code, Code(refused));
        Assert.True((await talk.AskAsync(new { op = "ping" })).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task BinaryGarbage_IsRefused_AndTheConnectionGoesOn()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        foreach (var bytes in new byte[][] { [], [1], new byte[12], [9, .. new byte[40]] })
        {
            await talk.Socket.SendAsync(bytes, WebSocketMessageType.Binary, true, default);
            Assert.Equal("AEGIS6320", Code(await talk.UntilAsync(m => m.TryGetProperty("error", out _))));
        }
        // a channel that nobody opened: it may have ended meanwhile
        await talk.Socket.SendAsync(new byte[] { 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 65 },
            WebSocketMessageType.Binary, true, default);
        Assert.True((await talk.AskAsync(new { op = "ping" })).GetProperty("ok").GetBoolean());
    }

    [Theory]
    [InlineData(DoorLimits.RpcMessageBytesMax, false)]
    [InlineData(DoorLimits.RpcMessageBytesMax + 1, true)]
    public async Task Message_HasAMaximum(int bytes, bool closes)
    {
        using var talk = await RpcTalk.OpenAsync(server);
        const string head = """{"op":"ping","id":"big"}""";
        await talk.TextAsync(head + new string(' ', bytes - head.Length));
        if (closes)
        {
            Assert.Contains("AEGIS6320", await talk.ClosedAsync(), StringComparison.Ordinal);
            Assert.Equal(WebSocketCloseStatus.MessageTooBig, talk.Socket.CloseStatus);
            return;
        }
        await talk.UntilAsync(m => m.TryGetProperty("ok", out var ok) && ok.GetBoolean());
    }

    [Theory]
    [InlineData(DoorLimits.RpcCallsMax, false)]
    [InlineData(DoorLimits.RpcCallsMax + 1, true)]
    public async Task Calls_UnderWay_HaveAMaximum(int count, bool refuses)
    {
        using var talk = await RpcTalk.OpenAsync(server);
        var (runs, refused) = (new List<string?>(), new List<string?>());
        for (var i = 0; i < count; i++)
        {
            // none ends before it is told to
            await talk.SendAsync(new { op = "exec", id = i, cmd = "sleep 600" });
            var heard = await talk.UntilAsync(
                m => m.TryGetProperty("run_id", out _) || m.TryGetProperty("error", out _));
            if (heard.TryGetProperty("ok", out _))
            {
                refused.Add(Code(heard));
                continue;
            }
            runs.Add(heard.GetProperty("run_id").GetString());
        }
        Assert.Equal((DoorLimits.RpcCallsMax, refuses ? "AEGIS6322" : ""),
            (runs.Count, string.Join(' ', refused)));
        foreach (var run in runs)
        {
            await server.SendAsync("POST", $"/v1/runs/{run}:cancel", "{}");
        }
        for (var i = 0; i < runs.Count; i++)
        {
            await talk.UntilAsync(m => m.TryGetProperty("ok", out _));
        }
    }

    [Fact]
    public async Task Connections_WithoutAName_HaveAMaximum()
    {
        var places = server.Server.Parts.NamelessSockets;
        await places.EmptyAsync();
        var waiting = Enumerable.Range(0, DoorLimits.RpcNamelessCountMax)
            .Select(_ => places.Take(default)).ToList();
        try
        {
            (string, string) asked = ("Sec-WebSocket-Protocol", PairingDoor.SealedProtocol);
            Assert.Equal(429, await SocketTalk.RefusalAsync(server.Server.Url, "/v1/rpc", null, asked));
            waiting[0].Dispose();
            using var named = new ClientWebSocket();
            named.Options.AddSubProtocol(PairingDoor.SealedProtocol);
            await named.ConnectAsync(new Uri($"ws://{server.Server.Url.Authority}/v1/rpc"), default);
            Assert.Equal(WebSocketState.Open, named.State);
        }
        finally
        {
            waiting.ForEach(place => place.Dispose());
        }
    }

    [Fact]
    public async Task Door_WithoutUpgrade_OrFromAForeignPage_OrWithoutAKey_Refuses()
    {
        var (status, body, _) = await server.SendAsync("GET", "/v1/rpc");
        Assert.Equal((HttpStatusCode.BadRequest, "AEGIS6320"),
            (status, body.GetProperty("code").GetString()));
        Assert.Equal(401, await SocketTalk.RefusalAsync(server.Server.Url, "/v1/rpc", null));
        Assert.Equal(401, await SocketTalk.RefusalAsync(server.Server.Url, "/v1/rpc", "aegis_key_wrong"));
        Assert.Equal(403, await SocketTalk.RefusalAsync(server.Server.Url, "/v1/rpc", server.Key,
            ("Origin", "https://evil.example")));
    }

    [Fact]
    public async Task Debug_OpensAShellOverAFrozenStepsFiles_AndChangesNothingThere()
    {
        var workflow = """
            name: freezes
            policy: { allow_commands: [echo, tee, cat, "false"] }
            steps:
              - id: make
                uses: shell.exec
                with: { cmd: "echo made > made.txt" }
              - id: break
                uses: shell.exec
                with: { cmd: "echo left > left.txt; cat made.txt; exit 9" }
            """;
        var (_, started, _) = await server.SendAsync(
            "POST", "/v1/runs", JsonSerializer.Serialize(new { workflow, freeze = true }));
        var run = started.GetProperty("run_id").GetString()!;
        await server.UntilAsync(
            "SELECT status FROM tasks_read WHERE task_id = $1 AND status = 'frozen'", $"{run}.break");

        using var talk = await RpcTalk.OpenAsync(server);
        var notFrozen = await talk.AskAsync(new { op = "pty.open", debug = new { run, step = "make" } });
        Assert.Equal("AEGIS6326", Code(notFrozen));
        await talk.TerminalAsync(new { op = "pty.open", debug = new { run, step = "break" } });
        await talk.TypeAsync("cat made.txt left.txt; rm left.txt; echo do''ne\n", 0);
        var all = await talk.ShownAsync("done");
        Assert.Contains("made\r\nleft", all, StringComparison.Ordinal);
        await talk.AskAsync(new { op = "pty.close", session = talk.Session });
        // another one still finds it
        using var again = await RpcTalk.OpenAsync(server);
        await again.TerminalAsync(new { op = "pty.open", debug = new { run, step = "break" } });
        await again.TypeAsync("cat left.txt; echo do''ne\n", 0);
        Assert.Contains("left", await again.ShownAsync("done"), StringComparison.Ordinal);
        await again.AskAsync(new { op = "pty.close", session = again.Session });
        using var rival = await RpcTalk.OpenAsync(server, server.RivalKey);
        var foreign = await rival.AskAsync(new { op = "pty.open", debug = new { run, step = "break" } });
        Assert.Equal("AEGIS5020", Code(foreign));
        await server.SendAsync("POST", $"/v1/runs/{run}:cancel", "{}");
    }

    [Fact]
    public async Task NpmClient_OpensTypesResizesAndComesBack()
    {
        var text = await NodeProgram.RunAsync("rpc.mjs", server.Server.Url.ToString(), server.Key);
        var seen = JsonElement.Parse(text);
        Assert.Equal("node says 40 120", seen.GetProperty("shown").GetString());
        Assert.Equal(0, seen.GetProperty("lost").GetInt32());
        Assert.Equal(0, seen.GetProperty("exit").GetInt32());
    }

    private static string Stream(JsonElement message) => message.TryGetProperty("stream", out var stream)
        ? string.Concat(stream.EnumerateArray().Select(s => s.GetProperty("data").GetString())) : "";

    private static string? Code(JsonElement answer) =>
        answer.GetProperty("error").GetProperty("code").GetString();

    private static string Only(JsonElement answer, params string[] members)
    {
        var text = new StringBuilder("{");
        foreach (var member in members)
        {
            text.Append(text.Length > 1 ? "," : "").Append($"\"{member}\":")
                .Append(answer.GetProperty(member).GetRawText());
        }
        return text.Append('}').ToString();
    }
}
