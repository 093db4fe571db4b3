using System.Net;
using System.Text.Json;
using Aegis.Ledger.Chat;
using Aegis.Server.Chat;

namespace Aegis.Server.Tests.Chat;

/// <summary>Bounds of the chat, and one past them.</summary>
public sealed class ChatLimitTests(ChatRoom room) : IClassFixture<ChatRoom>
{
    [Fact]
    public async Task ConversationsOfAKey_AtTheBound_AndPast()
    {
        var key = await room.Server.KeyAsync("acme", "chat:*");
        await room.SayAsync("hola", key: key);
        await room.Server.DoAsync("""
            INSERT INTO chat_sessions (tenant_key, project_key, session_id, actor, language)
            SELECT tenant_key, project_key, 'chat_' || n, actor, language
              FROM (SELECT * FROM chat_sessions ORDER BY created_at DESC LIMIT 1) s, generate_series(2, $1) n
            """, ChatTable.SessionsMax - 1);
        await room.SayAsync("hola", key: key);
        var (status, told, _) = await room.Server.SendAsync(
            "POST", "/v1/chat", """{"message": "hola"}""", key);
        Assert.Equal((HttpStatusCode.Conflict, "AEGIS2712"), (status, told.GetProperty("code").GetString()));
        // another key of the project has its own
        await room.SayAsync("hola", key: await room.Server.KeyAsync("acme", "chat:*"));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(GuestDoors.LifeSecondsMax, true)]
    [InlineData(59, false)]
    [InlineData(GuestDoors.LifeSecondsMax + 1, false)]
    public async Task LifeOfAGuest_AtItsBounds_AndPast(int seconds, bool isFine)
    {
        var (status, _, _) = await room.Server.SendAsync("POST", "/v1/chat/guests",
            JsonSerializer.Serialize(new { name = "guest", expires_in_seconds = seconds }));
        Assert.Equal(isFine ? HttpStatusCode.Created : HttpStatusCode.BadRequest, status);
    }
}
