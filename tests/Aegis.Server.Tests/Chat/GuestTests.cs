using System.Net;
using System.Text.Json;

namespace Aegis.Server.Tests.Chat;

/// <summary>Keys of guests: they talk, and nothing else, for a while.</summary>
public sealed class GuestTests(ChatRoom room) : IClassFixture<ChatRoom>
{
    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    [Fact]
    public async Task AGuest_Talks_AndReadsItsOwn_AndNothingElse()
    {
        var guest = await room.OkAsync("POST", "/v1/chat/guests", new { name = "Ana", tier = "gratis" });
        var key = Text(guest, "key");
        var said = await room.SayAsync("how does the shop work?", key: key);
        Assert.Contains("It sells bread", Text(said, "response"), StringComparison.Ordinal);
        await room.OkAsync("GET", $"/v1/chat/sessions/{Text(said, "session_id")}", null, key);
        foreach (var (method, path, body) in new[]
        {
            ("GET", "/v1/runs", null), ("GET", "/v1/chat/sessions?all=true", null),
            ("POST", "/v1/chat/completions", """{"model":"chat","messages":[]}"""),
            ("POST", "/v1/chat/guests", """{"name":"more"}"""), ("GET", "/v1/keys", null),
        })
        {
            Assert.Equal(HttpStatusCode.Forbidden,
                (await room.Server.SendAsync(method, path, body, key)).Status);
        }
        Assert.Equal("refused", Text((await room.SayAsync("build me an API", act: true, key: key))
            .GetProperty("actions_taken")[0], "status"));
        var listed = await room.OkAsync("GET", "/v1/keys?limit=200", null);
        Assert.Contains(listed.GetProperty("items").EnumerateArray(), k =>
            Text(k, "key_id") == Text(guest, "key_id") && Text(k, "tier") == "gratis");
        Assert.Contains("GuestInvited", await room.FactsAsync("guests", 1));
    }

    [Fact]
    public async Task AGuestsKey_Ends_InTime_AndWithTheKeyThatInvited()
    {
        var mine = await room.Server.MakeKeyAsync(new Core.Tenancy("acme", "web"));
        var first = await room.OkAsync("POST", "/v1/chat/guests",
            new { name = "soon", expires_in_seconds = 60 }, mine.Secret);
        var second = await room.OkAsync("POST", "/v1/chat/guests", new { name = "later" }, mine.Secret);
        // as if a minute had passed, and before any door has believed the key
        await room.Server.DoAsync("UPDATE api_keys SET expires_at = now() WHERE key_id = $1",
            Text(first, "key_id"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await room.Server.SendAsync(
            "GET", "/v1/chat/sessions", key: Text(first, "key"))).Status);
        await room.OkAsync("DELETE", $"/v1/keys/{mine.KeyId}", null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await room.Server.SendAsync(
            "GET", "/v1/chat/sessions", key: Text(second, "key"))).Status);
    }

    [Theory]
    [InlineData(59, 400)]
    [InlineData(60, 201)]
    [InlineData(7_776_000, 201)]
    [InlineData(7_776_001, 400)]
    public async Task AGuestsLife_AtItsBounds_AndPast(int seconds, int status) => Assert.Equal(status,
        (int)(await room.Server.SendAsync("POST", "/v1/chat/guests",
            JsonSerializer.Serialize(new { name = "Ana", expires_in_seconds = seconds }))).Status);

    [Fact]
    public async Task AnInvitation_NeedsTheScopesItGives()
    {
        var narrow = await room.Server.KeyAsync("acme", "admin:keys");
        var (status, told, _) = await room.Server.SendAsync(
            "POST", "/v1/chat/guests", """{"name":"Ana"}""", narrow);
        Assert.Equal((HttpStatusCode.Forbidden, "AEGIS6014"), (status, Text(told, "code")));
        (status, told, _) = await room.Server.SendAsync(
            "POST", "/v1/chat/guests", """{"name":"Ana","tier":"none"}""");
        Assert.Equal("AEGIS2511", Text(told, "code"));
    }
}
