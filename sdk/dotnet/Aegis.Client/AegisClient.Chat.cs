using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>What a sentence wishes, in Spanish or English; nothing is done.</summary>
    public Task<DetectedIntent> DetectIntentAsync(string text, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/intents:detect",
            Body(new SentenceToDetect(text), ClientJson.Default.SentenceToDetect),
            ClientJson.Default.DetectedIntent, cancel);

    /// <summary>Answers a message, all of it at once.</summary>
    public Task<ChatReply> ChatAsync(ChatMessage message, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/chat", Body(message, ClientJson.Default.ChatMessage),
            ClientJson.Default.ChatReply, cancel, TimeSpan.FromMinutes(5));

    /// <summary>Answers a message as it comes. A message is sent once: a stream that breaks off is not asked
    /// for again, and what was told stands in the conversation.</summary>
    /// <exception cref="AegisApiException">The server refused, or the stream ended so.</exception>
    public async IAsyncEnumerable<ChatPiece> FollowChatAsync(
        ChatMessage message, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var reply = await SendAsync(HttpMethod.Post, "v1/chat",
            Body(message, ClientJson.Default.ChatMessage),
            headers => headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream")), cancel);
        await RequireOkAsync(reply, cancel);
        await using var stream = await reply.Content.ReadAsStreamAsync(cancel);
        await foreach (var sent in SseReader.ReadAsync(stream, cancel))
        {
            if (sent.Event == "problem")
            {
                var problem = JsonSerializer.Deserialize(sent.Data, ClientJson.Default.Problem)!;
                throw new AegisApiException((System.Net.HttpStatusCode)problem.Status, problem);
            }
            yield return new ChatPiece(
                sent.Event, JsonSerializer.Deserialize(sent.Data, ClientJson.Default.JsonElement));
        }
    }

    /// <summary>The key's own conversations, newest first.</summary>
    public Task<Listing<ChatSession>> ListChatSessionsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/chat/sessions", ClientJson.Default.ListingChatSession, cancel);

    /// <summary>A page of a conversation.</summary>
    public Task<ChatHistory> GetChatSessionAsync(
        string id, int after = 0, CancellationToken cancel = default) =>
        GetAsync($"v1/chat/sessions/{Escape(id)}?after={after}&limit=200", ClientJson.Default.ChatHistory,
            cancel);

    public async Task DeleteChatSessionAsync(string id, CancellationToken cancel = default)
    {
        using var reply = await SendAsync(
            HttpMethod.Delete, $"v1/chat/sessions/{Escape(id)}", null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }

    /// <summary>A key that can only talk, and ends by itself.</summary>
    public Task<InvitedGuest> InviteGuestAsync(InviteGuest guest, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/chat/guests", Body(guest, ClientJson.Default.InviteGuest),
            ClientJson.Default.InvitedGuest, cancel);
}

public sealed record SentenceToDetect(string Text);

public sealed record DetectedIntent(string Intent, IReadOnlyDictionary<string, string> Slots,
    double Confidence, string Language, string DetectedBy);

/// <param name="SessionId">Null begins a conversation.</param>
/// <param name="RequireAction">Lets the chat act.</param>
public sealed record ChatMessage(
    string Message, string? SessionId = null, bool RequireAction = false, string? Repository = null);

/// <summary>A message of the stream: <c>heard</c>, <c>words</c>, <c>action</c>, or <c>done</c> with the
/// <see cref="ChatReply"/>.</summary>
public sealed record ChatPiece(string Kind, JsonElement Data);

public sealed record ChatReply(string SessionId, string Response, string Intent,
    IReadOnlyDictionary<string, string> Slots, IReadOnlyList<ChatAction> ActionsTaken)
{
    public JsonElement? State { get; init; }

    public string? Transcript { get; init; }

    /// <summary>What a yes would have done.</summary>
    public string? Offered { get; init; }
}

public sealed record ChatAction(string Kind, string Status, string? RunId = null, string? ApprovalId = null,
    string? Code = null, string? Detail = null);

public sealed record ChatSession(string SessionId, string Actor, string Language, string? Repository,
    string? RunId, int Messages, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record ChatHistory(ChatSession Session, IReadOnlyList<ChatLine> History, int? Next);

public sealed record ChatLine(
    int Number, string Who, string Text, string? Intent, JsonElement? Detail, DateTimeOffset At);

/// <param name="ExpiresInSeconds">A week where null.</param>
public sealed record InviteGuest(string Name, int? ExpiresInSeconds = null, string? Tier = null);

public sealed record InvitedGuest(string KeyId, string Key, string Name, string Project,
    IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt, string? Tier);
