using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aegis.Core.Errors;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Runs;

namespace Aegis.Server.Chat;

/// <summary>Who a turn of the chat is told to, as it goes.</summary>
internal interface IChatTeller
{
    ValueTask HeardAsync(ChatHeardAnswer heard);

    ValueTask SaidAsync(string words);

    ValueTask DidAsync(ChatActionAnswer action);

    ValueTask EndedAsync(ChatAnswer answer);
}

/// <summary>Tells all of it at the end.</summary>
internal sealed class WholeTeller(Func<ChatAnswer, Task> write) : IChatTeller
{
    public ValueTask HeardAsync(ChatHeardAnswer heard) => default;

    public ValueTask SaidAsync(string words) => default;

    public ValueTask DidAsync(ChatActionAnswer action) => default;

    public async ValueTask EndedAsync(ChatAnswer answer) => await write(answer);
}

/// <summary>Server-sent events: <c>heard</c>, then <c>words</c> and <c>action</c>s, then <c>done</c> with the
/// whole answer, or <c>problem</c>.</summary>
internal sealed class StreamTeller(HttpContext http, CancellationToken cancel) : IChatTeller
{
    private readonly SseWriter sse = new(http, cancel);
    private int number;
    private bool open;

    public bool HasBegun => open;

    public ValueTask HeardAsync(ChatHeardAnswer heard) =>
        SendAsync("heard", heard, DoorJson.Default.ChatHeardAnswer);

    public ValueTask SaidAsync(string words) =>
        SendAsync("words", new ChatPieceAnswer(words), DoorJson.Default.ChatPieceAnswer);

    public ValueTask DidAsync(ChatActionAnswer action) =>
        SendAsync("action", action, DoorJson.Default.ChatActionAnswer);

    public ValueTask EndedAsync(ChatAnswer answer) => SendAsync("done", answer, DoorJson.Default.ChatAnswer);

    public ValueTask FailedAsync(AegisError error) => SendAsync("problem",
        ProblemAnswer.Of(ErrorRegistry.Status(error.Code), error), DoorJson.Default.ProblemAnswer);

    private async ValueTask SendAsync<T>(string kind, T value, JsonTypeInfo<T> type)
    {
        if (!open)
        {
            open = true;
            await sse.OpenAsync();
        }
        await sse.MessageAsync(kind, $"{++number}", JsonSerializer.SerializeToUtf8Bytes(value, type));
    }
}
