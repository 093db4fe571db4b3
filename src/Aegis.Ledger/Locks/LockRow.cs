using Aegis.Core.Runs.Locks;

namespace Aegis.Ledger.Locks;

/// <summary>A request as it is stored.</summary>
/// <param name="Mine">Who asked waits for word on this node.</param>
internal sealed record LockRow(long Id, LockEntry Entry, long? Fence, bool Mine)
{
    public DateTimeOffset GrantedAt { get; init; }

    /// <summary>Set of a holder outside.</summary>
    public OutsideTerms? Outside { get; init; }

    public OutsideLock Lock => new(Entry.Owner.RunId, Outside!.Holder, Entry.Names, Fence!.Value, GrantedAt,
        Outside.ExpiresAt!.Value);
}

/// <summary>On what terms a holder outside asks or holds.</summary>
/// <param name="Left">What was left of its time when it was read.</param>
/// <param name="Ends">Why it waits no longer: its wait is over, or nobody hears it any more.</param>
internal sealed record OutsideTerms(string Holder, string Actor, int TtlSeconds,
    DateTimeOffset? ExpiresAt = null, TimeSpan? Left = null, string? Ends = null);
