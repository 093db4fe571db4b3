using System.Net;
using System.Text.Json;
using Aegis.Ledger.Devices;
using Aegis.Server.Auth;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Rpc;

/// <summary>Pairing, from the offer to the revocation, with each edge.</summary>
[Collection(ServerGroup.Name)]
public sealed class PairingTests(ServerFixture server)
{
    [Fact]
    public async Task Device_ThatSendsTheRightCode_GetsAKeyOfItsOwn_UntilItIsRevoked()
    {
        var pairer = await server.KeyAsync("acme", "web", "devices:write", "runs:read");
        var (_, offer) = await server.SendAsync("POST", "/v1/pairings", pairer, "{}");
        using var talk = await RpcTalk.OpenAsync(server.Server.Url, Text(offer, "credential"));
        var begun = await talk.AskAsync(new { op = "pair.init", device = "android", nonce = "n1" });
        Assert.Equal(("n1", 120_000), (Text(begun, "nonce"), begun.GetProperty("expires_in_ms").GetInt64()));
        Assert.DoesNotContain("code", begun.GetRawText(), StringComparison.Ordinal);
        var code = await CodeAsync(pairer, offer);
        var paired = await talk.AskAsync(new { op = "pair.confirm", code });
        Assert.True(paired.GetProperty("ok").GetBoolean(), paired.GetRawText());

        var key = Text(paired, "key");
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/v1/runs", key)).Status);
        Assert.Equal(HttpStatusCode.Forbidden,
            (await server.SendAsync("POST", "/v1/runs", key, "{}")).Status);
        var (_, devices) = await server.SendAsync("GET", "/v1/devices", server.AcmeKey);
        var device = devices.GetProperty("items").EnumerateArray()
            .Single(d => Text(d, "device_id") == Text(paired, "device_id"));
        Assert.Equal("devices:write runs:read",
            string.Join(' ', device.GetProperty("scopes").EnumerateArray().Select(s => s.GetString())));
        Assert.DoesNotContain(key, devices.GetRawText(), StringComparison.Ordinal);
        // who was paired pairs nobody
        Assert.Equal("AEGIS6306", Text((await server.SendAsync("POST", "/v1/pairings", key, "{}")).Body,
            "code"));

        using var live = await RpcTalk.OpenAsync(server.Server.Url, key);
        Assert.True((await live.AskAsync(new { op = "ping" })).GetProperty("ok").GetBoolean());
        var id = Text(paired, "device_id");
        Assert.Equal(HttpStatusCode.NotFound,
            (await server.SendAsync("DELETE", $"/v1/devices/{id}", server.RivalKey)).Status);
        Assert.Equal(HttpStatusCode.NoContent,
            (await server.SendAsync("DELETE", $"/v1/devices/{id}", server.AcmeKey)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync("GET", "/v1/runs", key)).Status);
        var refused = await live.AskAsync(new { op = "git.status", repo = "x" });
        Assert.Equal("AEGIS6010", ErrorOf(refused));
    }

    [Fact]
    public async Task Device_OfAKeyThatIsRevoked_IsOutWithIt()
    {
        var parent = await server.Ledger.Tenants.CreateKeyAsync(
            "acme", "web", "parent", ["devices:write", "runs:read"], default);
        var (_, offer) = await server.SendAsync("POST", "/v1/pairings", parent.Secret, "{}");
        var key = await PairAsync(parent.Secret, offer);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/v1/runs", key)).Status);
        await server.Ledger.Tenants.RevokeKeyAsync("acme", parent.KeyId, default);
        Assert.Null(await server.Ledger.Tenants.FindKeyAsync(Ledger.Tenants.ApiKey.Hash(key), default));
        using var nobody = new RpcTalk();
        nobody.Socket.Options.SetRequestHeader("Authorization", $"Bearer {Text(offer, "credential")}");
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => nobody.Socket.ConnectAsync(
            new Uri($"ws://{server.Server.Url.Authority}/v1/rpc"), default));
    }

    [Theory]
    [InlineData(DeviceTable.TriesMax - 1, true)]
    [InlineData(DeviceTable.TriesMax, false)]
    public async Task WrongCodes_LockTheOffer_AtTheFifth(int wrong, bool pairs)
    {
        var (_, offer) = await server.SendAsync("POST", "/v1/pairings", server.AcmeKey, "{}");
        string right = "";
        for (var i = 0; i < wrong; i++)
        {
            // a new connection and a new code each time: the tries are the offer's
            using var one = await RpcTalk.OpenAsync(server.Server.Url, Text(offer, "credential"));
            await one.AskAsync(new { op = "pair.init", device = "web" });
            right = await CodeAsync(server.AcmeKey, offer);
            var refused = await one.AskAsync(new { op = "pair.confirm", code = Other(right) });
            Assert.Equal(i + 1 < DeviceTable.TriesMax ? "AEGIS6300" : "AEGIS6301", ErrorOf(refused));
        }
        using var last = await RpcTalk.OpenAsync(server.Server.Url, Text(offer, "credential"));
        await last.AskAsync(new { op = "pair.init", device = "web" });
        var (_, state) = await server.SendAsync(
            "GET", $"/v1/pairings/{Text(offer, "offer_id")}", server.AcmeKey);
        Assert.Equal(!pairs, state.GetProperty("locked").GetBoolean());
        var answer = await last.AskAsync(
            new { op = "pair.confirm", code = await CodeAsync(server.AcmeKey, offer) });
        Assert.Equal(pairs, answer.GetProperty("ok").GetBoolean());
        Assert.Equal(pairs ? null : "AEGIS6301", pairs ? null : ErrorOf(answer));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Code_IsGoodForTwoMinutes(int past, bool pairs)
    {
        var (_, offer) = await server.SendAsync("POST", "/v1/pairings", server.AcmeKey, "{}");
        using var talk = await RpcTalk.OpenAsync(server.Server.Url, Text(offer, "credential"));
        var begun = await talk.AskAsync(new { op = "pair.init", device = "ios" });
        var code = await CodeAsync(server.AcmeKey, offer);
        // the database's clock decides: the pairing is moved to its last moment, or one past it
        await server.Ledger.ExecuteAsync(
            "UPDATE pairings SET expires_at = now() + $2 * interval '1 second' WHERE pairing_id = $1",
            Text(begun, "pairing_id"), past == 0 ? 20 : -1);
        var answer = await talk.AskAsync(new { op = "pair.confirm", code });
        Assert.Equal(pairs, answer.GetProperty("ok").GetBoolean());
        if (!pairs)
        {
            Assert.Equal("AEGIS6302", ErrorOf(answer));
        }
        var again = await talk.AskAsync(new { op = "pair.confirm", code });
        Assert.Equal("AEGIS6302", ErrorOf(again));
    }

    [Fact]
    public async Task Code_SurvivesARestart_AndIsShownToNobodyElse()
    {
        var (_, offer) = await server.SendAsync("POST", "/v1/pairings", server.AcmeKey, "{}");
        using var talk = await RpcTalk.OpenAsync(server.Server.Url, Text(offer, "credential"));
        var begun = await talk.AskAsync(new { op = "pair.init", device = "ios" });
        var code = await CodeAsync(server.AcmeKey, offer);
        // nothing in memory: it follows from the id and the installation's key
        Assert.Equal(code, new Server.Devices.PairingCodes(server.Server.Parts.Secrets.LinkKey)
            .Of(Text(begun, "pairing_id")));
        var path = $"/v1/pairings/{Text(offer, "offer_id")}";
        var colleague = await server.KeyAsync("acme", "web", "devices:write");
        var (_, seen) = await server.SendAsync("GET", path, colleague);
        Assert.False(seen.GetProperty("pairings")[0].TryGetProperty("code", out _));
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", path, server.RivalKey)).Status);
        // times and hashes are full of digits: six of them may be a code's by chance
        var stored = await server.Ledger.ScalarAsync<string>("""
            SELECT (to_jsonb(p) - ARRAY['created_at', 'expires_at', 'confirmed_at'])::text
                || (to_jsonb(o) - ARRAY['created_at', 'expires_at', 'token_hash'])::text
              FROM pairings p JOIN pairing_offers o USING (tenant_key, project_key, offer_id)
             WHERE p.pairing_id = $1
            """, Text(begun, "pairing_id"));
        Assert.DoesNotContain(code, stored, StringComparison.Ordinal);
        Assert.DoesNotContain(Text(offer, "token"), stored, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AEGIS6303", "exec", "cmd", "id")]
    [InlineData("AEGIS6303", "pty.open", "cmd", "id")]
    [InlineData("AEGIS6303", "pty.attach", "session", "run_1")]
    [InlineData("AEGIS6303", "llm.chat", "prompt", "hi")]
    public async Task PairingToken_OpensNothingElse(string code, string op, string member, string value)
    {
        var (_, offer) = await server.SendAsync("POST", "/v1/pairings", server.AcmeKey, "{}");
        using var talk = await RpcTalk.OpenAsync(server.Server.Url, Text(offer, "credential"));
        Assert.Equal(code, ErrorOf(await talk.AskAsync(
            new Dictionary<string, string> { ["op"] = op, [member] = value })));
        // nor any other door
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await server.SendAsync("GET", "/v1/runs", Text(offer, "credential"))).Status);
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task WrongToken_OpensNothing(string token)
    {
        var (_, offer) = await server.SendAsync("POST", "/v1/pairings", server.AcmeKey, "{}");
        using var talk = new RpcTalk();
        talk.Socket.Options.CollectHttpResponseDetails = true;
        talk.Socket.Options.SetRequestHeader(
            "Authorization", $"Bearer aegis_pair_{Text(offer, "offer_id")}.{token}");
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => talk.Socket.ConnectAsync(
            new Uri($"ws://{server.Server.Url.Authority}/v1/rpc"), default));
        Assert.Equal(HttpStatusCode.Unauthorized, talk.Socket.HttpStatusCode);
    }

    [Fact]
    public async Task Offer_GrantsNoMoreThanItsMakerHolds()
    {
        var key = await server.KeyAsync("acme", "web", "devices:write", "runs:read");
        foreach (var (scope, status) in new[]
        {
            ("runs:read", HttpStatusCode.Created), ("runs:write", HttpStatusCode.Forbidden),
            ("admin:*", HttpStatusCode.Forbidden), ("operator:tenants", HttpStatusCode.Forbidden),
            ("tools:*", HttpStatusCode.Forbidden),
        })
        {
            var (got, _) = await server.SendAsync(
                "POST", "/v1/pairings", key, $$"""{"scopes":["{{scope}}"]}""");
            Assert.Equal(status, got);
        }
        var short7 = await server.SendAsync("POST", "/v1/pairings", key, """{"token":"1234567"}""");
        Assert.Equal(HttpStatusCode.BadRequest, short7.Status);
        var chosen = await server.SendAsync("POST", "/v1/pairings", key, """{"token":"devtoken"}""");
        Assert.Equal(HttpStatusCode.Created, chosen.Status);
    }

    [Fact]
    public async Task Offers_AndTheirCodes_HaveAMaximum()
    {
        await server.Ledger.CreateProjectAsync(new Core.Tenancy("acme", "pairs"));
        var key = await server.KeyAsync("acme", "pairs", "devices:write");
        JsonElement last = default;
        for (var i = 0; i < DeviceTable.OffersMax; i++)
        {
            (var status, last) = await server.SendAsync("POST", "/v1/pairings", key, "{}");
            Assert.Equal(HttpStatusCode.Created, status);
        }
        var (over, problem) = await server.SendAsync("POST", "/v1/pairings", key, "{}");
        Assert.Equal((HttpStatusCode.TooManyRequests, "AEGIS6304"), (over, Text(problem, "code")));
        using var talk = await RpcTalk.OpenAsync(server.Server.Url, Text(last, "credential"));
        for (var i = 0; i < DeviceTable.CodesMax; i++)
        {
            var begun = await talk.AskAsync(new { op = "pair.init", device = "web" });
            Assert.True(begun.GetProperty("ok").GetBoolean());
        }
        Assert.Equal("AEGIS6304", ErrorOf(await talk.AskAsync(new { op = "pair.init", device = "web" })));
        await server.SendAsync("DELETE", $"/v1/pairings/{Text(last, "offer_id")}", key);
        Assert.Equal(HttpStatusCode.Created,
            (await server.SendAsync("POST", "/v1/pairings", key, "{}")).Status);
    }

    private async Task<string> PairAsync(string pairer, JsonElement offer)
    {
        using var talk = await RpcTalk.OpenAsync(server.Server.Url, Text(offer, "credential"));
        await talk.AskAsync(new { op = "pair.init", device = "web" });
        var paired = await talk.AskAsync(new { op = "pair.confirm", code = await CodeAsync(pairer, offer) });
        return Text(paired, "key");
    }

    private async Task<string> CodeAsync(string key, JsonElement offer)
    {
        var (_, state) = await server.SendAsync("GET", $"/v1/pairings/{Text(offer, "offer_id")}", key);
        return Text(state.GetProperty("pairings")[0], "code");
    }

    private static string Other(string code) => code[..5] + (code[5] == '0' ? '1' : '0');

    private static string Text(JsonElement json, string member) => json.GetProperty(member).GetString()!;

    private static string? ErrorOf(JsonElement answer) =>
        answer.GetProperty("error").GetProperty("code").GetString();
}
