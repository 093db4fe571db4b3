using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Aegis.Server.Tests.Gateway;

namespace Aegis.Server.Tests.Chat;

/// <summary>A message that is spoken.</summary>
public sealed class ChatFormTests : IAsyncLifetime
{
    private GatewayRoom room = null!;

    public async Task InitializeAsync()
    {
        room = await GatewayRoom.OpenAsync("openai");
        await room.ProfileAsync("providers: { fake: {} }\nmodels: { transcription: fake-1 }");
    }

    public async Task DisposeAsync() => await room.DisposeAsync();

    [Fact]
    public async Task ASound_IsWrittenDown_AndAnsweredAsText()
    {
        var (status, answer) = await PostAsync(("file", "a.wav", [1, 2, 3, 4]), ("require_action", null,
            "false"u8.ToArray()));
        Assert.True(status == HttpStatusCode.OK, answer.GetRawText());
        var transcript = answer.GetProperty("transcript").GetString()!;
        Assert.NotEmpty(transcript);
        Assert.Contains(room.Fake.Requests,
            r => r.Path.EndsWith("/audio/transcriptions", StringComparison.Ordinal));
        var (_, history, _) = await room.Server.SendAsync(
            "GET", $"/v1/chat/sessions/{answer.GetProperty("session_id").GetString()}");
        Assert.Equal(transcript, history.GetProperty("history")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task AForm_OfAnotherShape_IsRefused()
    {
        (string, string?, byte[])[][] forms =
        [
            [], [("message", null, "hi"u8.ToArray()), ("file", "a.wav", [1])],
            [("message", null, "hi"u8.ToArray()), ("scope", null, "admin:*"u8.ToArray())],
            [("message", null, "hi"u8.ToArray()), ("message", null, "ho"u8.ToArray())],
        ];
        foreach (var form in forms)
        {
            var (status, answer) = await PostAsync(form);
            Assert.Equal((HttpStatusCode.BadRequest, "AEGIS2715"),
                (status, answer.GetProperty("code").GetString()));
        }
        var (other, _) = await PostAsync(
            ("message", null, "what can you do?"u8.ToArray()), ("tenant_id", null, "rival"u8.ToArray()));
        Assert.Equal(HttpStatusCode.Forbidden, other);
    }

    private async Task<(HttpStatusCode, JsonElement)> PostAsync(
        params (string Name, string? File, byte[] Bytes)[] fields)
    {
        using var form = new MultipartFormDataContent("aegis-chat-test");
        foreach (var (name, file, bytes) in fields)
        {
            var part = new ByteArrayContent(bytes);
            if (file is null)
            {
                form.Add(part, name);
            }
            else
            {
                part.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
                form.Add(part, name, file);
            }
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat", UriKind.Relative))
        {
            Content = form,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", room.Server.Key);
        using var reply = await room.Server.Http.SendAsync(request);
        return (reply.StatusCode, JsonElement.Parse(await reply.Content.ReadAsStringAsync()));
    }
}
