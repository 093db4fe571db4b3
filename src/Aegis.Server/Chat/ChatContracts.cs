using System.Text.Json;
using Aegis.Core.Intents;
using Aegis.Ledger.Chat;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Runs;

namespace Aegis.Server.Chat;

/// <summary>A sentence to understand.</summary>
public sealed record DetectIntentRequest : DoorRequest
{
    [Chars(1, IntentDetector.CharsMax)]
    public required string Text { get; init; }
}

/// <param name="Slots">What else was said: objective, repository, run_id, target, command, task_type,
/// language, subject, answer, hint.</param>
/// <param name="Confidence">From 0 to 1.</param>
public sealed record IntentAnswer([property: OneOf(IntentWord.All)] string Intent,
    IReadOnlyDictionary<string, string> Slots, double Confidence, [property: OneOf("es en")] string Language,
    [property: OneOf("rules model")] string DetectedBy)
{
    public static IntentAnswer Of(DetectedIntent found) => new(IntentWord.Of(found.Intent), found.Slots,
        found.Confidence, found.Language, found.DetectedBy);
}

/// <summary>A message of the chat.</summary>
public sealed record ChatRequest : DoorRequest
{
    [Chars(1, IntentDetector.CharsMax)]
    public required string Message { get; init; }

    /// <summary>A conversation to go on with; a new one where left out.</summary>
    [Id]
    public string? SessionId { get; init; }

    /// <summary>Lets the chat act; else it says what it would do, and asks.</summary>
    public bool RequireAction { get; init; }

    /// <summary>A repository of the project that the message is about.</summary>
    [Id]
    public string? Repository { get; init; }
}

/// <summary>A message in the words of the assistant's older door.</summary>
public sealed record McpChatRequest : DoorRequest
{
    [Chars(1, IntentDetector.CharsMax)]
    public required string UserMessage { get; init; }

    [Id]
    public string? SessionId { get; init; }

    public bool RequireAction { get; init; }
}

/// <summary>An answer of the chat.</summary>
public sealed record ChatAnswer(string SessionId, string Response,
    [property: OneOf(IntentWord.All)] string Intent, IReadOnlyDictionary<string, string> Slots,
    IReadOnlyList<ChatActionAnswer> ActionsTaken, ChatStateAnswer? State)
{
    /// <summary>What was heard, where a sound was sent.</summary>
    public string? Transcript { get; init; }

    /// <summary>What a yes would have done, where the answer asks.</summary>
    [OneOf(IntentWord.All)]
    public string? Offered { get; init; }
}

public sealed record McpChatAnswer(
    string Response, IReadOnlyList<ChatActionAnswer> ActionsTaken, string SessionId);

/// <summary>Something that a message had done.</summary>
/// <param name="Kind">An intent, or approve, deny, stop.</param>
public sealed record ChatActionAnswer(string Kind, [property: OneOf(ChatActionAnswer.Statuses)] string Status)
{
    public const string Statuses = "started done refused";

    public string? RunId { get; init; }

    public string? ApprovalId { get; init; }

    /// <summary>Why it was refused.</summary>
    public string? Code { get; init; }

    /// <summary>Why, in the product's own words.</summary>
    public string? Detail { get; init; }
}

/// <summary>The state of the project as far as the key may see it.</summary>
/// <param name="Run">The newest run of the conversation.</param>
/// <param name="BuildStatus">clean, vulnerable or broken, where that run says so.</param>
/// <param name="Capabilities">Of what that run built.</param>
public sealed record ChatStateAnswer(IReadOnlyList<ChatRunAnswer> Running,
    IReadOnlyList<ChatWaitAnswer> Waiting, ChatRunAnswer? Run, string? BuildStatus,
    IReadOnlyList<string>? Capabilities);

public sealed record ChatRunAnswer(
    string RunId, string Name, [property: OneOf(RunAnswer.Statuses)] string Status);

public sealed record ChatWaitAnswer(string ApprovalId, string RunId, string? Message);

public sealed record ChatSessionAnswer(string SessionId, string Actor, string Language, string? Repository,
    string? RunId, int Messages, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static ChatSessionAnswer Of(ChatSession s) => new(s.SessionId, s.Actor, s.Language, s.Repository,
        s.RunId, s.Messages, s.CreatedAt, s.UpdatedAt);
}

/// <param name="History">From the cursor on, in order.</param>
/// <param name="Next">The number to ask after for more; left out behind the last.</param>
public sealed record ChatHistoryAnswer(ChatSessionAnswer Session, IReadOnlyList<ChatLineAnswer> History,
    int? Next);

/// <param name="Detail">Slots of a user's message, actions of an answer.</param>
public sealed record ChatLineAnswer(int Number, [property: OneOf("user assistant")] string Who, string Text,
    string? Intent, JsonElement? Detail, DateTimeOffset At)
{
    public static ChatLineAnswer Of(ChatLine l) =>
        new(l.Number, l.Who, l.Text, l.Intent, StoredJson.Parse(l.DetailJson), l.At);
}

public sealed record InviteGuestRequest : DoorRequest
{
    [Chars(1, 100)]
    public required string Name { get; init; }

    /// <summary>A week where left out.</summary>
    [Numbers(60, GuestDoors.LifeSecondsMax)]
    public int? ExpiresInSeconds { get; init; }

    /// <summary>Of GET /v1/tiers; that of the key that invites where left out.</summary>
    [Id]
    public string? Tier { get; init; }
}

public sealed record InvitedGuestAnswer(string KeyId, string Key, string Name, string Project,
    IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt, string? Tier);

/// <summary>A piece of an answer, as a stream brings it.</summary>
public sealed record ChatPieceAnswer(string Text);

/// <summary>What was understood, before anything is answered.</summary>
public sealed record ChatHeardAnswer(string SessionId, string Intent,
    IReadOnlyDictionary<string, string> Slots, double Confidence, string Language, string DetectedBy,
    string? Transcript);
