using System.Net;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class SecretDoorTests(ServerFixture server)
{
    [Fact]
    public async Task Set_ThenList_ShowsFingerprintsAndNoValue()
    {
        const string Value = "the-clear-text";
        var (put, made) = await SetAsync("listed", Value, server.AcmeKey);
        var (_, list) = await server.SendAsync("GET", "/v1/secrets", server.AcmeKey);

        Assert.Equal(HttpStatusCode.OK, put);
        var entry = list.GetProperty("items").EnumerateArray()
            .Single(s => s.GetProperty("name").GetString() == "listed");
        Assert.Equal(made.GetRawText(), entry.GetRawText());
        Assert.Equal(["name", "version", "fingerprint", "updated_at", "hosts"],
            entry.EnumerateObject().Select(m => m.Name));
        Assert.DoesNotContain(Value, list.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_InAnotherTenant_TouchesItsOwnOnly()
    {
        await SetAsync("both", "of-acme", server.AcmeKey);
        await SetAsync("both", "of-rival", server.RivalKey);
        var vault = server.Server.Parts.Secrets;
        Assert.Equal(("of-acme", "of-rival"),
            (await vault.ValueAsync(ServerFixture.Acme, server.AcmeKeys, "both", default),
            await vault.ValueAsync(ServerFixture.Rival, server.RivalKeys, "both", default)));
    }

    [Fact]
    public async Task Set_LongestValue_FitsTheDoor_AndOneMoreByteDoesNot()
    {
        Assert.Equal(HttpStatusCode.OK,
            (await SetAsync("long", new string('v', 65_536), server.AcmeKey)).Status);
        var (status, problem) = await SetAsync("long", new string('v', 65_537), server.AcmeKey);
        Assert.Equal((HttpStatusCode.BadRequest, "AEGIS4043"),
            (status, problem.GetProperty("code").GetString()));
        Assert.DoesNotContain("vvv", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scopes_ReadMayNotWrite()
    {
        var reader = await server.KeyAsync("acme", "web", "secrets:read");
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/v1/secrets", reader)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SetAsync("x", "y", reader)).Status);
    }

    [Fact]
    public async Task CommandLine_SetsFromStdinOrFile_ListsAndDeletes()
    {
        var file = Path.Combine(TestHome.Make(), "value");
        await File.WriteAllTextAsync(file, "from-file\n");
        var (exit, shown) = await AegisAsync("from-stdin\r\n", "secret", "set", "cli.one");
        Assert.Equal((0, true), (exit, shown.StartsWith("cli.one version 1, ", StringComparison.Ordinal)));
        await AegisAsync("", "secret", "set", "cli.two", "--file", file);
        var vault = server.Server.Parts.Secrets;
        Assert.Equal(("from-stdin", "from-file\n"),
            (await vault.ValueAsync(ServerFixture.Acme, server.AcmeKeys, "cli.one", default),
            await vault.ValueAsync(ServerFixture.Acme, server.AcmeKeys, "cli.two", default)));
        var (_, list) = await AegisAsync("", "secret", "list");
        Assert.Contains("cli.two", list, StringComparison.Ordinal);
        Assert.DoesNotContain("from-", list, StringComparison.Ordinal);
        Assert.Equal(0, (await AegisAsync("", "secret", "delete", "cli.one")).Exit);
        Assert.Equal(6, (await AegisAsync("", "secret", "delete", "cli.one")).Exit);
    }

    [Fact]
    public async Task Rotate_KeepsTheOneBeforeForTheOverlap_AndBindNamesHosts()
    {
        await SetAsync("turning", "one", server.AcmeKey);
        var (_, rotated) = await server.SendAsync("POST", "/v1/secrets/turning:rotate", server.AcmeKey,
            """{"value":"two","overlap":"24h"}""");
        var (_, bound) = await server.SendAsync("POST", "/v1/secrets/turning:bind", server.AcmeKey,
            """{"hosts":["api.example.org","*.example.net:8443"]}""");

        Assert.Equal(2, rotated.GetProperty("version").GetInt32());
        Assert.True(rotated.TryGetProperty("previous_until", out _));
        Assert.Equal(["*.example.net:8443", "api.example.org"],
            bound.GetProperty("hosts").EnumerateArray().Select(h => h.GetString()));
        Assert.Equal(["two", "one"], (await server.Server.Parts.Secrets.PeekAsync(
            ServerFixture.Acme, server.AcmeKeys, "turning", default)).Select(s => s.Value));
    }

    [Theory]
    [InlineData("rotate", """{"value":"v","overlap":"31d"}""", "AEGIS4205")]
    [InlineData("rotate", """{"value":"v","overlap":"soon"}""", "AEGIS4205")]
    [InlineData("bind", """{"hosts":["https://example.org"]}""", "AEGIS4203")]
    public async Task RotateAndBind_OutOfBounds_AreRefused(string verb, string body, string code)
    {
        await SetAsync("held", "one", server.AcmeKey);
        var (status, problem) = await server.SendAsync(
            "POST", $"/v1/secrets/held:{verb}", server.AcmeKey, body);
        Assert.Equal((HttpStatusCode.BadRequest, code), (status, problem.GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("POST",
            $"/v1/secrets/never-set:{verb}", server.AcmeKey,
            verb == "bind" ? """{"hosts":[]}""" : """{"value":"v"}""")).Status);
    }

    [Fact]
    public async Task Keys_AreRotatedByWhoMay_AndNobodyElse()
    {
        await SetAsync("sealed", "kept", server.AcmeKey);
        var project = await server.KeyAsync("acme", "web", "admin:secrets");
        var wide = await server.KeyAsync("acme", null, "admin:secrets");
        Assert.Equal(HttpStatusCode.Forbidden,
            (await server.SendAsync("POST", "/v1/data-key:rotate", project)).Status);
        Assert.Equal(HttpStatusCode.Forbidden,
            (await server.SendAsync("POST", "/v1/master-key:rotate", wide)).Status);
        var (rotated, key) = await server.SendAsync("POST", "/v1/data-key:rotate", wide);
        Assert.Equal(HttpStatusCode.OK, rotated);
        Assert.True(key.GetProperty("resealed").GetInt32() > 0);
        var (changed, _) = await server.SendAsync("POST", "/v1/master-key:rotate", server.OperatorKey);
        Assert.Equal(HttpStatusCode.OK, changed);
        Assert.Equal("kept", await server.Server.Parts.Secrets.ValueAsync(
            ServerFixture.Acme, server.AcmeKeys, "sealed", default));
    }

    [Fact]
    public async Task CommandLine_RotatesAndBinds()
    {
        await AegisAsync("one", "secret", "set", "cli.turn");
        var (exit, shown) = await AegisAsync("two", "secret", "rotate", "cli.turn", "--overlap", "1h");
        Assert.Equal((0, true), (exit, shown.StartsWith("cli.turn version 2, ", StringComparison.Ordinal)));
        Assert.Contains("valid until", shown, StringComparison.Ordinal);
        (exit, shown) = await AegisAsync("", "secret", "bind", "cli.turn", "api.example.org");
        Assert.Equal(0, exit);
        Assert.Contains("bound to api.example.org", shown, StringComparison.Ordinal);
        Assert.Equal(0, (await AegisAsync("", "secret", "bind", "cli.turn", "--none")).Exit);
        Assert.Equal(2, (await AegisAsync("", "secret", "bind", "cli.turn")).Exit);
        Assert.Equal(2, (await AegisAsync("", "secret", "rotate")).Exit);
        Assert.Equal(2, (await AegisAsync("", "secret", "rotate", "cli.turn", "--data-key")).Exit);
    }

    [Fact]
    public async Task Start_WithAnotherMasterKey_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<AegisException>(() =>
            ServerFixture.StartAsync(server.Ledger.Url, new ScriptedEngine()));
        Assert.Equal("AEGIS4040", refused.Error.Code);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> SetAsync(string name, string value, string key) =>
        server.SendAsync("PUT", $"/v1/secrets/{name}", key, JsonSerializer.Serialize(new { value }));

    private Task<(int Exit, string Shown)> AegisAsync(string input, params string[] arguments) =>
        server.AegisAsync(input, arguments);
}
