namespace Aegis.Ledger.EventStore;

public enum AppendOutcome
{
    Committed,

    /// <summary>Another writer has appended to the stream: this head is stale.</summary>
    Conflict,

    /// <summary>This node's lease is gone; nothing it says counts any more.</summary>
    Fenced,
}

/// <summary>Events of one stream that stand or fall together.</summary>
/// <param name="IsNewStream">The stream's row is made in the same transaction.</param>
/// <param name="Done">Called once, in the order of a stream's appends, on the commit thread or the one beside
/// it; must not wait.</param>
public sealed record Append(StreamHead Head, IReadOnlyList<ChainedEvent> Events, bool IsNewStream,
    Action<AppendOutcome> Done);
