namespace Aegis.Core.Caching;

/// <summary>Answers of all nodes, kept beyond their lives: the ledger. Nothing here is a fact: what is lost
/// is a call that is made again.</summary>
public interface IAnswerStore
{
    /// <summary>Null where there is none, or only one that is too old.</summary>
    ValueTask<StoredAnswer?> FindAsync(Tenancy tenancy, AnswerKey key, CancellationToken cancel);

    /// <summary>Keeps these; answers of a project that is not there are left out.</summary>
    ValueTask KeepAsync(IReadOnlyList<AnswerToKeep> answers, CancellationToken cancel);

    /// <summary>What was stored by any node since the last time, the newest of it where it is too
    /// much.</summary>
    ValueTask<AnswerNews> NewsAsync(long after, int most, CancellationToken cancel);

    /// <summary>Removes what is too old, and the oldest of a project that keeps too much.</summary>
    /// <returns>How many went.</returns>
    ValueTask<int> PruneAsync(CancellationToken cancel);
}
