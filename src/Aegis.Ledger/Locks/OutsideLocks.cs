using System.Collections.Immutable;

namespace Aegis.Ledger.Locks;

/// <summary>What a holder outside asks for.</summary>
/// <param name="Actor">Whose key asks.</param>
/// <param name="WaitSeconds">How long it waits for its turn; 0 not at all.</param>
public sealed record OutsideAsk(string Holder, string Actor, int TtlSeconds, int WaitSeconds)
{
    public const int HolderCharsMax = 100;

    /// <summary>How long a lock is held without being renewed.</summary>
    public const int TtlSecondsMax = 3600;

    public const int TtlSecondsDefault = 60;

    public const int WaitSecondsMax = 300;
}

/// <summary>A lock of a holder outside.</summary>
/// <param name="Fence">Grows with every grant of a name: what a guarded thing has seen, an earlier holder
/// cannot undo.</param>
public sealed record OutsideLock(string LockId, string Holder, ImmutableArray<string> Names, long Fence,
    DateTimeOffset GrantedAt, DateTimeOffset ExpiresAt);

/// <summary>Who holds a name.</summary>
/// <param name="LockId">Of a holder outside; a run's task has <paramref name="RunId"/> and
/// <paramref name="Task"/>.</param>
public sealed record LockHolding(string Name, DateTimeOffset Since, string? LockId, string? Holder,
    string? RunId, int? Task, DateTimeOffset? ExpiresAt);

/// <summary>Why a holder outside did not get what it asked for.</summary>
/// <param name="Reason">held, timed_out, left or withdrawn.</param>
/// <param name="Position">Its place in the queue when it left it; 1 is the next.</param>
public sealed record OutsideDenial(string Reason, ImmutableArray<LockHolding> HeldBy, int Position)
{
    public const string Held = "held";
    public const string TimedOut = "timed_out";
    public const string Left = "left";
    public const string Withdrawn = "withdrawn";
}

/// <summary>What a wish of a holder outside came to.</summary>
public abstract record OutsideAnswer
{
    private OutsideAnswer()
    {
    }

    /// <summary>It has, or had until now, what it asked for.</summary>
    public sealed record Granted(OutsideLock Lock) : OutsideAnswer;

    /// <summary>It stands in the queue.</summary>
    public sealed record Waits : OutsideAnswer;

    public sealed record Denied(OutsideDenial Denial) : OutsideAnswer;

    /// <summary>There is no such lock any more, or not yet.</summary>
    public sealed record Gone : OutsideAnswer;

    /// <summary>The project has as many as it may.</summary>
    public sealed record Full : OutsideAnswer;
}
