using Aegis.Core.Runs.Events;
using Npgsql;

namespace Aegis.Ledger.Chat;

/// <summary>A conversation.</summary>
/// <param name="Actor">Whose it is.</param>
/// <param name="Repository">Named last in it.</param>
/// <param name="RunId">The newest run that it started or named.</param>
/// <param name="PendingJson">What was offered and waits for a yes.</param>
/// <param name="Messages">How many there are.</param>
public sealed record ChatSession(string SessionId, string Actor, string Language, string? Repository,
    string? RunId, string? PendingJson, int Messages, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static ChatSession Read(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1),
        r.GetString(2), Text(r, 3), Text(r, 4), Text(r, 5), r.GetInt32(6),
        r.GetFieldValue<DateTimeOffset>(7), r.GetFieldValue<DateTimeOffset>(8));

    private static string? Text(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetString(column);
}

/// <param name="Who">user or assistant.</param>
/// <param name="DetailJson">Slots of a user's message, actions of an answer.</param>
public sealed record ChatLine(int Number, string Who, string Text, string? Intent, string? DetailJson,
    DateTimeOffset At)
{
    public const string User = "user";
    public const string Assistant = "assistant";

    internal static ChatLine Read(NpgsqlDataReader r) => new(r.GetInt32(0), r.GetString(1), r.GetString(2),
        r.IsDBNull(3) ? null : r.GetString(3), r.IsDBNull(4) ? null : r.GetString(4),
        r.GetFieldValue<DateTimeOffset>(5));
}

/// <summary>What is added to a session in one transaction.</summary>
/// <param name="Facts">Beside the fact of the message itself.</param>
public sealed record ChatAddition(IReadOnlyList<RunEvent> Facts)
{
    public string? Who { get; init; }

    public string Text { get; init; } = "";

    public string? Intent { get; init; }

    public string? DetailJson { get; init; }

    /// <summary>What of the session changes; the rest stays.</summary>
    public Func<ChatSession, ChatSession> Keep { get; init; } = session => session;
}
