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
        Assert.Equal(["name", "version", "fingerprint", "updated_at"],
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
            (await vault.FindAsync(ServerFixture.Acme, server.AcmeKeys, "both", default),
            await vault.FindAsync(ServerFixture.Rival, server.RivalKeys, "both", default)));
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
            (await vault.FindAsync(ServerFixture.Acme, server.AcmeKeys, "cli.one", default),
            await vault.FindAsync(ServerFixture.Acme, server.AcmeKeys, "cli.two", default)));
        var (_, list) = await AegisAsync("", "secret", "list");
        Assert.Contains("cli.two", list, StringComparison.Ordinal);
        Assert.DoesNotContain("from-", list, StringComparison.Ordinal);
        Assert.Equal(0, (await AegisAsync("", "secret", "delete", "cli.one")).Exit);
        Assert.Equal(6, (await AegisAsync("", "secret", "delete", "cli.one")).Exit);
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
