using System.Net;
using System.Text;
using System.Text.Json;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Rpc;

/// <summary>Terminals over <c>/v1/rpc</c>, in the real sandbox.</summary>
[Collection(RealServerGroup.Name)]
public sealed class TerminalTests(RealServer server)
{
    [Fact]
    public async Task Terminal_IsOne_TakesInput_AndTellsHowItsProgramEnded()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TerminalAsync(new { op = "pty.open", columns = 101, rows = 33 });
        await talk.TypeAsync("stty size; test -t 0 && tty && pwd; exit 7\n", 0);
        var all = await talk.ShownAsync("/work");
        Assert.Contains("33 101", all, StringComparison.Ordinal);
        var end = await talk.UntilAsync(m => IsEvent(m, "pty.exit"));
        Assert.Equal((7, false), (end.GetProperty("exit_code").GetInt32(),
            end.GetProperty("closed").GetBoolean()));
        var facts = await server.EndedAsync(talk.Session);
        Assert.Contains(facts, f => f.GetProperty("type").GetString() == "ToolCalled"
            && f.GetRawText().Contains("terminal.open", StringComparison.Ordinal));
        var returned = facts.Single(f => f.GetProperty("type").GetString() == "ToolReturned").GetRawText();
        Assert.Contains("network", returned, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JobControl_InterruptsStopsAndGoesOn()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TerminalAsync(new { op = "pty.open" });
        await talk.ShownAsync("$ ");
        var typed = await TypeAsync(talk, 0, "sh -c 'echo fore\"\"ground; exec sleep 1000'\n");
        await talk.ShownAsync("foreground");
        typed = await TypeAsync(talk, typed, "\u0003");
        typed = await TypeAsync(talk, typed, "echo al''ive $?\n");
        await talk.ShownAsync("alive 130");
        typed = await TypeAsync(talk, typed, "sh -c 'echo agai\"\"n; exec sleep 1000'\n");
        await talk.ShownAsync("again");
        typed = await TypeAsync(talk, typed, "\u001a");
        await talk.ShownAsync("Stopped");
        typed = await TypeAsync(talk, typed, "bg; jobs; kill %1; wait; echo do''ne\n");
        var all = await talk.ShownAsync("done");
        Assert.Contains("Running", all, StringComparison.Ordinal);
        Assert.DoesNotContain("no job control", all, StringComparison.Ordinal);
        await TypeAsync(talk, typed, "exit\n");
        await talk.UntilAsync(m => IsEvent(m, "pty.exit"));
    }

    [Fact]
    public async Task Resize_IsSignalledAndSeen()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TerminalAsync(new { op = "pty.open" });
        await talk.TypeAsync("trap 'stty size' WINCH; echo rea''dy\n", 0);
        await talk.ShownAsync("ready");
        var refused = await talk.AskAsync(
            new { op = "pty.resize", session = talk.Session, columns = 10_001, rows = 1 });
        Assert.Equal("AEGIS6315", refused.GetProperty("error").GetProperty("code").GetString());
        var done = await talk.AskAsync(
            new { op = "pty.resize", session = talk.Session, columns = 132, rows = 50 });
        Assert.True(done.GetProperty("ok").GetBoolean());
        await talk.ShownAsync("50 132");
    }

    [Fact]
    public async Task Close_KillsTheTree()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TerminalAsync(new { op = "pty.open" });
        await talk.TypeAsync("trap '' INT TERM HUP; setsid sleep 1000 & sleep 1000 & echo rea''dy; cat\n", 0);
        await talk.ShownAsync("ready");
        var closed = await talk.AskAsync(new { op = "pty.close", session = talk.Session });
        Assert.True(closed.GetProperty("ok").GetBoolean());
        var end = await talk.UntilAsync(m => IsEvent(m, "pty.exit"));
        Assert.True(end.GetProperty("closed").GetBoolean());
        var facts = await server.EndedAsync(talk.Session);
        Assert.Equal("PlanCompleted", facts[^1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task LostConnection_ComesBack_WithoutLosingOrTypingAByteTwice()
    {
        string session;
        long offset;
        using (var talk = await RpcTalk.OpenAsync(server))
        {
            await talk.TerminalAsync(new { op = "pty.open", acks = true,
                cmd = "stty -echo; echo ready; read -r a; read -r b; seq 1 200000; echo \"got $a $b\"" });
            await talk.ShownAsync("ready");
            await talk.TypeAsync("one\n", 0);
            session = talk.Session;
            offset = talk.Offset;
            await talk.AckAsync(offset);
            talk.Socket.Abort();
        }
        using var back = await RpcTalk.OpenAsync(server);
        var attached = await back.TerminalAsync(new { op = "pty.attach", session, offset, acks = true });
        Assert.InRange(attached.GetProperty("input_offset").GetInt64(), 0, 4);
        // the client does not know whether its line arrived: it sends all of it again
        await back.TypeAsync("one\ntwo\n", 0);
        var shown = new StringBuilder();
        while (!shown.ToString().Contains("got one two", StringComparison.Ordinal))
        {
            Assert.True(await back.ReadAsync(default));
            shown.Append(back.ShownSoFar);
            back.Forget();
            await back.AckAsync(back.Offset);
        }
        var expected = string.Concat(Enumerable.Range(1, 200_000).Select(n => $"{n}\r\n"))
            + "got one two\r\n";
        Assert.EndsWith(expected, shown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_WhoDoesNotAcknowledge_HoldsTheProgramUp_AndNothingIsLost()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TerminalAsync(new { op = "pty.open", acks = true,
            cmd = "seq 1 400000; echo ready" });
        while (talk.Offset < 1024 * 1024)
        {
            Assert.True(await talk.ReadAsync(default));
        }
        // the ring is full of what nobody has acknowledged: not one byte more
        Assert.Equal(1024 * 1024, talk.Offset);
        var (_, live, _) = await server.SendAsync("GET", $"/v1/terminals/{talk.Session}");
        Assert.Equal((1024 * 1024, false), (live.GetProperty("end_offset").GetInt64(),
            live.GetProperty("ended").GetBoolean()));
        while (!talk.ShownSoFar.EndsWith("ready\r\n", StringComparison.Ordinal))
        {
            await talk.AckAsync(talk.Offset);
            Assert.True(await talk.ReadAsync(default));
        }
        Assert.Equal(string.Concat(Enumerable.Range(1, 400_000).Select(n => $"{n}\r\n")) + "ready\r\n",
            talk.ShownSoFar);
    }

    [Fact]
    public async Task Watcher_Looks_AndDoesNothingElse_AndTheNextOwnerTakesOver()
    {
        using var owner = await RpcTalk.OpenAsync(server);
        await owner.TerminalAsync(new { op = "pty.open", cmd = "echo ready; cat" });
        await owner.ShownAsync("ready");
        using var watcher = await RpcTalk.OpenAsync(server, await server.KeyAsync("acme", "runs:read"));
        await watcher.TerminalAsync(new { op = "pty.attach", session = owner.Session, watch = true });
        await watcher.ShownAsync("ready");
        foreach (var op in new object[]
        {
            new { op = "pty.write", session = owner.Session, data = "evil\n" },
            new { op = "pty.resize", session = owner.Session, columns = 5, rows = 5 },
            new { op = "pty.close", session = owner.Session },
        })
        {
            var refused = await watcher.AskAsync(op);
            Assert.Equal("AEGIS6316", refused.GetProperty("error").GetProperty("code").GetString());
        }
        var scope = await watcher.AskAsync(new { op = "pty.attach", session = owner.Session });
        Assert.Equal("AEGIS6011", scope.GetProperty("error").GetProperty("code").GetString());
        await owner.TypeAsync("hello\n", 0);
        Assert.DoesNotContain("evil", await watcher.ShownAsync("hello"), StringComparison.Ordinal);

        using var next = await RpcTalk.OpenAsync(server);
        await next.TerminalAsync(new { op = "pty.attach", session = owner.Session });
        await owner.UntilAsync(m => IsEvent(m, "pty.taken"));
        await next.ShownAsync("hello");
        await next.AskAsync(new { op = "pty.close", session = owner.Session });
    }

    [Fact]
    public async Task SecretsOnTheLiveStream_AreMasked_HoweverTheyAreCut_AndKeysAreEchoedAtOnce()
    {
        const string token = "ghp_0123456789abcdefghijABCDEFGHIJ456789";
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TerminalAsync(new { op = "pty.open", record = true,
            cmd = "for c in g h p _ 0123456789 abcdefghij ABCDEFGHIJ 456789; do printf %s $c; sleep 0.05;"
                + " done; echo; echo ready; cat" });
        var all = await talk.ShownAsync("ready");
        Assert.DoesNotContain("0123456789abc", all, StringComparison.Ordinal);
        Assert.Contains("***", all, StringComparison.Ordinal);
        // each key is shown before the next is typed, although each could begin a secret
        var typed = 0L;
        talk.Forget();
        foreach (var key in "great https://example.com/gh")
        {
            await talk.TypeAsync($"{key}", typed++);
            await talk.ShownAsync("great https://example.com/gh"[..(int)typed]);
        }
        await talk.TypeAsync("\n\u0004\u0004", typed);
        await talk.UntilAsync(m => IsEvent(m, "pty.exit"));

        var facts = await server.EndedAsync(talk.Session);
        var made = facts.Single(f => f.GetProperty("type").GetString() == "ArtifactProduced");
        var artifact = made.GetProperty("payload").GetProperty("artifact");
        using var request = new HttpRequestMessage(HttpMethod.Get,
            new Uri($"/v1/artifacts/{artifact.GetProperty("artifact_id").GetString()}/content",
                UriKind.Relative));
        request.Headers.Authorization = new("Bearer", server.Key);
        using var reply = await server.Http.SendAsync(request);
        var lines = (await reply.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n')
            .Select(l => JsonElement.Parse(l)).ToList();
        Assert.Equal(2, lines[0].GetProperty("version").GetInt32());
        var played = string.Concat(lines.Skip(1).Where(l => l[1].GetString() == "o")
            .Select(l => l[2].GetString()));
        Assert.DoesNotContain(token[8..], played, StringComparison.Ordinal);
        Assert.Contains("great https://example.com", played, StringComparison.Ordinal);
        var times = lines.Skip(1).Select(l => l[0].GetDouble()).ToList();
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public async Task Sessions_OfAnotherTenant_DoNotExist()
    {
        using var owner = await RpcTalk.OpenAsync(server);
        await owner.TerminalAsync(new { op = "pty.open", cmd = "echo ready; cat" });
        await owner.ShownAsync("ready");
        using var rival = await RpcTalk.OpenAsync(server, server.RivalKey);
        foreach (var watch in new[] { true, false })
        {
            var missing = await rival.AskAsync(new { op = "pty.attach", session = owner.Session, watch });
            Assert.Equal("AEGIS6020", missing.GetProperty("error").GetProperty("code").GetString());
            using var control = await RpcTalk.OpenAsync(server);
            await control.TerminalAsync(new { op = "pty.attach", session = owner.Session, watch });
        }
        Assert.Equal(HttpStatusCode.NotFound,
            (await server.SendAsync("GET", $"/v1/terminals/{owner.Session}", key: server.RivalKey)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(
            "POST", $"/v1/terminals/{owner.Session}:close", null, server.RivalKey)).Status);
        var (_, theirs, _) = await server.SendAsync("GET", "/v1/terminals", key: server.RivalKey);
        Assert.Equal(0, theirs.GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.Accepted,
            (await server.SendAsync("POST", $"/v1/terminals/{owner.Session}:close")).Status);
    }

    [Fact]
    public async Task Attachments_OfOneConnection_HaveAMaximum()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TerminalAsync(new { op = "pty.open", cmd = "sleep 100" });
        for (var i = 1; i < DoorLimits.RpcTerminalsMax; i++)
        {
            await talk.AskAsync(new { op = "pty.attach", session = talk.Session, watch = true });
        }
        var over = await talk.AskAsync(new { op = "pty.attach", session = talk.Session, watch = true });
        Assert.Equal("AEGIS6322", over.GetProperty("error").GetProperty("code").GetString());
        await server.SendAsync("POST", $"/v1/terminals/{talk.Session}:close");
    }

    [Fact]
    public async Task Input_WithAGap_IsRefused_AndNamesWhereToGoOn()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        await talk.TerminalAsync(new { op = "pty.open", cmd = "stty -echo; echo ready; cat" });
        await talk.ShownAsync("ready");
        var gap = await talk.AskAsync(
            new { op = "pty.write", session = talk.Session, data = "late", offset = 1 });
        Assert.Equal(("AEGIS6312", "input from offset 0"),
            (gap.GetProperty("error").GetProperty("code").GetString(),
                gap.GetProperty("error").GetProperty("expected").GetString()));
        var twice = new { op = "pty.write", session = talk.Session, data = "once\n", offset = 0 };
        Assert.Equal(5, (await talk.AskAsync(twice)).GetProperty("input_offset").GetInt64());
        Assert.Equal(5, (await talk.AskAsync(twice)).GetProperty("input_offset").GetInt64());
        await talk.TypeAsync("end\n", 5);
        Assert.Equal("ready\r\nonce\r\nend", (await talk.ShownAsync("end\r\n")).TrimEnd());
        await talk.AskAsync(new { op = "pty.close", session = talk.Session });
        var ended = await talk.AskAsync(new { op = "pty.attach", session = talk.Session });
        Assert.True(ended.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Command_ThatThePolicyForbids_OpensNoTerminal()
    {
        using var talk = await RpcTalk.OpenAsync(server);
        var allow = new { allow_commands = new[] { "git status" } };
        var denied = await talk.AskAsync(new { op = "pty.open", policy = allow });
        Assert.False(denied.GetProperty("ok").GetBoolean());
        var control = await talk.AskAsync(new { op = "pty.open", cmd = "git status", policy = allow });
        Assert.True(control.GetProperty("ok").GetBoolean(), control.GetRawText());
        var noScope = await RpcTalk.OpenAsync(server,
            await server.KeyAsync("acme", "runs:write", "runs:read", "tools:shell"));
        using (noScope)
        {
            var refused = await noScope.AskAsync(new { op = "pty.open" });
            Assert.Equal("AEGIS2003", refused.GetProperty("error").GetProperty("code").GetString());
        }
    }

    private static async Task<long> TypeAsync(RpcTalk talk, long offset, string text)
    {
        await talk.TypeAsync(text, offset);
        return offset + Encoding.UTF8.GetByteCount(text);
    }

    private static bool IsEvent(JsonElement message, string name) =>
        message.TryGetProperty("event", out var of) && of.GetString() == name;
}
