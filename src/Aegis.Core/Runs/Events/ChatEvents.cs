using System.Collections.Immutable;

namespace Aegis.Core.Runs.Events;

/// <summary>Somebody began a conversation; the first fact of the stream <c>chat/ID</c>.</summary>
public sealed record ChatOpened(string FactId, string SessionId, string Actor, string Door) : RunEvent;

/// <summary>What was said.</summary>
/// <param name="Number">In its session, from 1.</param>
/// <param name="Who">user or assistant.</param>
public sealed record ChatMessage(string FactId, string SessionId, int Number, string Who, string Text)
    : RunEvent;

/// <summary>What was understood of a sentence; in the session's stream, or where there is none in the
/// project's <c>intents</c>.</summary>
/// <param name="DetectedBy">rules or model.</param>
/// <param name="Hostile">Orders to the machine instead of a wish: it acts on nothing.</param>
public sealed record IntentDetected(string FactId, string? SessionId, string Actor, string Intent,
    ImmutableSortedDictionary<string, string> Slots, double Confidence, string Language, string DetectedBy,
    bool Hostile) : RunEvent;

/// <summary>What a conversation had done. Once as <c>starting</c>, before a run begins, with the run's id;
/// then as what came of it.</summary>
/// <param name="Kind">An intent, or approve, deny, stop.</param>
/// <param name="Status">starting, started, done, refused.</param>
public sealed record ActionTaken(string FactId, string SessionId, string Actor, string Kind, string Status,
    string? RunId, string? Code) : RunEvent;

/// <summary>Its rows are gone; its facts stay.</summary>
public sealed record ChatDeleted(string FactId, string SessionId, string Actor) : RunEvent;

/// <summary>Somebody gave a guest a key for the chat; in the project's stream <c>guests</c>.</summary>
/// <param name="ExpiresAt">When it ends by itself.</param>
public sealed record GuestInvited(string FactId, string KeyId, string Name, string Actor,
    DateTimeOffset ExpiresAt) : RunEvent;
