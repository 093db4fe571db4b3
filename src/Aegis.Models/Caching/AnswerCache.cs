using Aegis.Core.Caching;

namespace Aegis.Models.Caching;

/// <summary>Answers that were given before: in the memory of this node, and behind it in the ledger, for
/// other nodes and for after a restart. A call that has none learns so without waiting for
/// anything.</summary>
public sealed class AnswerCache : IAsyncDisposable
{
    private readonly AnswerMemory _memory;
    private readonly AnswerLedger? _ledger;
    private long _hits;
    private long _stored;
    private long _misses;
    private long _bypassed;
    private long _kept;

    /// <param name="store">Null keeps them in memory alone.</param>
    public AnswerCache(IAnswerStore? store, TimeProvider time, AnswerCacheOptions? options = null)
    {
        options ??= new();
        _memory = new(time, options.EntriesMax, options.BytesMax);
        _ledger = store is null ? null : new(store, time, options);
    }

    /// <summary>Of this node since it began.</summary>
    public AnswerCacheCounts Counts => new(Interlocked.Read(ref _hits), Interlocked.Read(ref _stored),
        Interlocked.Read(ref _misses), Interlocked.Read(ref _bypassed), Interlocked.Read(ref _kept),
        _ledger?.Dropped ?? 0);

    /// <summary>The answers in memory.</summary>
    public (int Entries, long Bytes) Size => _memory.Size;

    /// <summary>The answer of a model, where there is one that is young enough. It waits only for an answer
    /// that the ledger is known to hold.</summary>
    public ValueTask<CachedAnswer?> FindAsync(CacheableCall call, in AnswerKey key, CancellationToken cancel)
    {
        if (_memory.Find(key) is { } answer)
        {
            Interlocked.Increment(ref _hits);
            return new(answer);
        }
        if (_ledger is not null && _ledger.MayHold(key))
        {
            return StoredAsync(_ledger, call, key, cancel);
        }
        Interlocked.Increment(ref _misses);
        return default;
    }

    /// <summary>Keeps a whole answer; see <see cref="CachedAnswers"/> for what is one.</summary>
    public void Keep(CacheableCall call, in AnswerKey key, CachedAnswer answer)
    {
        if (answer.Body.Length > AnswerCacheOptions.AnswerBytesMax)
        {
            return;
        }
        Interlocked.Increment(ref _kept);
        _memory.Put(key, answer, call.Lifetime);
        _ledger?.Write(new(call.Tenancy, key, answer, call.Lifetime));
    }

    /// <summary>A call was not looked up.</summary>
    public void Bypass() => Interlocked.Increment(ref _bypassed);

    /// <summary>Writes to the ledger what waits to be written.</summary>
    public ValueTask FlushAsync(CancellationToken cancel) => _ledger?.FlushAsync(cancel) ?? default;

    /// <summary>Looks for answers that other nodes wrote, without waiting for the next beat.</summary>
    public ValueTask RefreshAsync(CancellationToken cancel) => _ledger?.RefreshAsync(cancel) ?? default;

    /// <summary>Writes what waits, within five seconds.</summary>
    public ValueTask DisposeAsync() => _ledger?.DisposeAsync() ?? default;

    private async ValueTask<CachedAnswer?> StoredAsync(AnswerLedger ledger, CacheableCall call, AnswerKey key,
        CancellationToken cancel)
    {
        if (await ledger.FindAsync(call, key, cancel) is not { } found)
        {
            Interlocked.Increment(ref _misses);
            return null;
        }
        Interlocked.Increment(ref _hits);
        Interlocked.Increment(ref _stored);
        _memory.Put(key, found.Answer, found.Left < call.Lifetime ? found.Left : call.Lifetime);
        return found.Answer;
    }
}

/// <param name="Hits">Those from the ledger included.</param>
/// <param name="Stored">Hits from the ledger.</param>
/// <param name="Bypassed">Calls that were not looked up.</param>
/// <param name="Dropped">Answers that are in memory alone because too many waited to be written.</param>
public readonly record struct AnswerCacheCounts(long Hits, long Stored, long Misses, long Bypassed, long Kept,
    long Dropped);
