using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Gateway;

/// <summary>What a hostile tenant or client tries at the gateway's doors.</summary>
public sealed class GatewayAttackTests(HostileRoom room) : IClassFixture<HostileRoom>
{
    [Fact]
    public async Task AliasOfAnotherTenant_IsAsOneThatNeverWas()
    {
        var foreign = await room.AskAsync(HostileRoom.Call("ours"), key: room.Server.RivalKey);
        var never = await room.AskAsync(HostileRoom.Call("oars"), key: room.Server.RivalKey);
        // both are taken for the name of a model, which only the caller's own providers are asked for
        Assert.Equal(never.Text.Replace("oars", "ours", StringComparison.Ordinal), foreign.Text);
        Assert.Equal(never.Status, foreign.Status);
        Assert.Equal(200, (await room.AskAsync(HostileRoom.Call("ours"))).Status);
        var (status, _, _) = await room.Server.SendAsync("GET", "/v1/models/ours", key: room.Server.RivalKey);
        Assert.Equal(404, (int)status);
        (status, _, _) = await room.Server.SendAsync("GET", "/v1/models/ours");
        Assert.Equal(200, (int)status);
    }

    [Fact]
    public async Task CallOfAnotherTenant_CannotBeJudged()
    {
        var told = await room.AskAsync(HostileRoom.Call(room.Fresh()));
        await room.FactAsync(told);
        var verdict = $$"""{"call_id":"{{told.Headers["x-aegis-call-id"]}}","kind":"auditor","value":0}""";
        var (status, problem, _) = await room.Server.SendAsync(
            "POST", "/v1/routing/verdicts", verdict, room.Server.RivalKey);
        Assert.Equal((404, "AEGIS6020"), ((int)status, ProblemReading.Code(problem)));
        (status, problem, _) = await room.Server.SendAsync("POST", "/v1/routing/verdicts", verdict);
        Assert.True((int)status == 201, problem.GetRawText());
    }

    [Fact]
    public async Task TwoKeysThatDisagree_AreTheOneOfTheAuthorization()
    {
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("whose?"));
        var both = await room.AskAsync(HostileRoom.Call(room.Fresh(), "both"),
            headers: ("x-api-key", room.Server.RivalKey));
        Assert.Equal($"Bearer {HostileRoom.ProviderKey}", Authorization("both"));
        var theirs = await room.AskAsync(HostileRoom.Call(room.Fresh(), "alone"), key: "",
            headers: ("x-api-key", room.Server.RivalKey));
        Assert.Equal((200, 200), (both.Status, theirs.Status));
        Assert.Equal($"Bearer {HostileRoom.RivalsProviderKey}", Authorization("alone"));
        var twice = await room.AskAsync(HostileRoom.Call("ours"), key: "",
            headers: [("x-api-key", room.Server.Key), ("x-api-key", room.Server.RivalKey)]);
        Assert.Equal((401, "AEGIS6010"), (twice.Status, twice.Code));
    }

    [Theory]
    [InlineData("""{"model":"MODEL","model":"openai/dear","messages":[]}""")]
    [InlineData("""{"model":"MODEL","Model":"openai/dear","messages":[]}""")]
    [InlineData("""{"model":"MODEL","mod\u0065l":"openai/dear","messages":[]}""")]
    [InlineData("""{"model":"MODEL","\u004dODEL":"openai/dear","messages":[]}""")]
    [InlineData("""{"model":"MODEL","messages":[],"messages":[{"role":"user","content":"other"}]}""")]
    [InlineData("""{"model":"MODEL","messages":[{"role":"user","content":"a","content":"b"}]}""")]
    [InlineData("""{"model":"MODEL","max_tokens":1,"max_completion_tokens":9999,"messages":[]}""")]
    [InlineData("""{"model":"MODEL","messages":[]}{"model":"openai/dear","messages":[]}""")]
    public async Task BodyThatSaysTwoThings_IsRefused_BeforeAnybodyIsAsked(string body)
    {
        var asked = room.Provider.Asked.Count;
        var told = await room.AskAsync(body.Replace("MODEL", room.Fresh(), StringComparison.Ordinal));
        Assert.Equal((400, "AEGIS2386"), (told.Status, told.Code));
        Assert.Equal(asked, room.Provider.Asked.Count);
        var sound = await room.AskAsync(HostileRoom.Call(room.Fresh()));
        Assert.Equal(200, sound.Status);
        Assert.Equal(asked + 1, room.Provider.Asked.Count);
    }

    [Fact]
    public async Task TenancyInABody_IsNoClaim()
    {
        var told = await room.AskAsync(HostileRoom.Call(room.Fresh(), "claim",
            ",\"tenant_id\":\"rival\",\"project_id\":\"lab\""));
        Assert.Equal(200, told.Status);
        Assert.Equal($"Bearer {HostileRoom.ProviderKey}", Authorization("claim"));
        Assert.Equal("acme", await room.Server.UntilAsync("""
            SELECT tenant_id FROM events JOIN tenants USING (tenant_key)
             WHERE type = 'ToolReturned' AND convert_from(payload, 'UTF8')::jsonb ->> 'call_id' = $1
            """, told.Headers["x-aegis-call-id"]));
        var claimed = await room.AskAsync(
            HostileRoom.Call(room.Fresh()), headers: ("X-Aegis-Tenant", "rival"));
        Assert.Equal((403, "AEGIS6012"), (claimed.Status, claimed.Code));
    }

    [Theory]
    [InlineData("/v1/chat/completions", "openai")]
    [InlineData("/v1/messages", "anthropic")]
    public async Task HeadersOfTheClient_StayHere(string path, string protocol)
    {
        string[] names = ["cookie", "x-forwarded-for", "x-api-key", "proxy-authorization", "x-aegis-task",
            "x-aegis-agent", "openai-organization", "anthropic-beta", "x-smuggled", "idempotency-key"];
        var told = await room.AskAsync(HostileRoom.Call(room.Fresh(protocol), $"headers {protocol}",
            ",\"max_tokens\":9"), path, headers: [.. names.Select(n => (n, "smuggled"))]);
        Assert.Contains(room.Provider.Asked, a => a.Body.Contains($"headers {protocol}"));
        Assert.All(room.Provider.Asked.Where(a => a.Body.Contains($"headers {protocol}")), asked =>
        {
            Assert.DoesNotContain("smuggled", asked.Head, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(room.Server.Key, asked.Head + asked.Body, StringComparison.Ordinal);
            // the body went there, and so did the provider's own key
            Assert.Contains($"Bearer {HostileRoom.ProviderKey}", asked.Head, StringComparison.Ordinal);
        });
        Assert.True(told.Headers.ContainsKey("x-aegis-call-id"), told.Whole);
    }

    [Theory]
    [InlineData("../../admin?x=1#y", 200)]
    [InlineData("..%2f..%2fadmin", 200)]
    [InlineData("m\\u00f6del", 200)]
    [InlineData("a\\r\\nX-Evil: 1", 400)]
    [InlineData("m\\u0000", 400)]
    public async Task ModelNamedAsAPath_ChangesNoAddressAndNoHeader(string model, int status)
    {
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("hello"));
        var mark = $"path {model.Length}";
        var told = await room.AskAsync(HostileRoom.Call("openai/" + model, mark));
        Assert.True(told.Status == status, told.Whole);
        foreach (var (head, _) in room.Provider.Asked.Where(a => a.Body.Contains(mark)))
        {
            Assert.StartsWith("POST /v1/chat/completions HTTP/1.1\r\n", head, StringComparison.Ordinal);
            Assert.DoesNotContain("X-Evil", head, StringComparison.Ordinal);
        }
        Assert.False(told.Headers.ContainsKey("X-Evil"));
        Assert.Equal(200, (await room.AskAsync(HostileRoom.Call(room.Fresh()))).Status);
    }

    [Theory]
    [InlineData("openai", "/v1/chat/completions")]
    [InlineData("anthropic", "/v1/chat/completions")]
    [InlineData("openai", "/v1/messages")]
    public async Task ImageByAddress_IsFetchedByNobodyHere(string provider, string path)
    {
        await using var canary = new LoopbackServer(_ => LoopbackServer.Ok("image"));
        var image = path == "/v1/messages"
            ? $$$"""{"type":"image","source":{"type":"url","url":"{{{canary.Url("/a.png")}}}"}}"""
            : $$$"""{"type":"image_url","image_url":{"url":"{{{canary.Url("/a.png")}}}"}}""";
        await room.AskAsync($$"""
            {"model":"{{room.Fresh(provider)}}","max_tokens":9,
            "messages":[{"role":"user","content":[{{image}}]}]}
            """, path);
        Assert.Empty(canary.Asked);
        // the address went to the provider, who may fetch it
        Assert.Contains(room.Provider.Asked, a => a.Body.Contains(canary.Entry, StringComparison.Ordinal));
        using var direct = await room.Server.Http.GetAsync(canary.Url("/a.png"));
        Assert.Single(canary.Asked);
    }

    [Fact]
    public async Task KeptAnswers_StayInTheirTenant()
    {
        room.Answer = _ => HostileRoom.Json(HostileRoom.Chat("kept"));
        var body = HostileRoom.Call(room.Fresh(), "kept").Replace("\"temperature\":1", "\"temperature\":0",
            StringComparison.Ordinal);
        var first = await room.AskAsync(body);
        Assert.Equal("live", first.Headers["x-aegis-origin"]);
        await room.FactAsync(first);
        var again = await room.AskAsync(body);
        Assert.Equal("cached", again.Headers["x-aegis-origin"]);
        var theirs = await room.AskAsync(body, key: room.Server.RivalKey);
        Assert.Equal("live", theirs.Headers["x-aegis-origin"]);
        Assert.Equal(2, room.Provider.Asked.Count(a =>
            a.Body.Contains("\"kept\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("llm.chat", "/v1/embeddings", "/v1/audio/transcriptions")]
    [InlineData("llm.embed",
        "/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/audio/transcriptions")]
    [InlineData("llm.transcribe", "/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings")]
    public async Task ToolThatIsAllowed_OpensNoOtherDoor(string allowed, params string[] closed)
    {
        var key = room.Server.RivalKey;
        await room.ProfileAsync(
            $"providers: {{ openai: {{}} }}\npolicies: {{ tools_allowed: [{allowed}] }}", key);
        try
        {
            var asked = room.Provider.Asked.Count;
            foreach (var path in closed)
            {
                var told = await SayAsync(path, key);
                Assert.True(told.Status == 403, $"{path}: {told.Whole}");
            }
            Assert.Equal(asked, room.Provider.Asked.Count);
            await SayAsync(allowed switch
            {
                "llm.embed" => "/v1/embeddings",
                "llm.transcribe" => "/v1/audio/transcriptions",
                _ => "/v1/messages",
            }, key);
            Assert.True(room.Provider.Asked.Count > asked);
        }
        finally
        {
            await room.ProfileAsync(HostileRoom.Profile("theirs"), key);
        }
    }

    private Task<Told> SayAsync(string path, string key) => path == "/v1/audio/transcriptions"
        ? room.AskAsync(string.Join("\r\n", "--b", "Content-Disposition: form-data; name=\"model\"", "",
            room.Fresh(), "--b", "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"", "",
            "sound", "--b--", ""), path, key, "multipart/form-data; boundary=b")
        : room.AskAsync($$"""{"model":"{{room.Fresh()}}","max_tokens":9,{{(
            path is "/v1/responses" or "/v1/embeddings" ? "\"input\":\"hello\""
            : "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]")}}}""", path, key);

    private string Authorization(string mark)
    {
        const string Name = "Authorization: ";
        var (head, _) = room.Provider.Asked.Last(a =>
            a.Body.Contains($"\"{mark}\"", StringComparison.Ordinal));
        return head.Split("\r\n").Single(h =>
            h.StartsWith(Name, StringComparison.OrdinalIgnoreCase))[Name.Length..];
    }
}
