using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Models.Caching;
using Aegis.Tests.Shared;
using static Aegis.Models.Tests.Caching.CacheCalls;

namespace Aegis.Models.Tests.Caching;

/// <summary>The ledger behind a node's memory, where it is slow, broken or too far behind. What it holds is
/// tested against the real one.</summary>
public sealed class AnswerLedgerTests
{
    private readonly ManualClock clock = new();
    private readonly HeldStore store = new();
    private readonly ConcurrentQueue<Exception> broke = new();

    private AnswerCacheOptions Options => new() { Broke = broke.Enqueue };

    [Fact]
    public async Task Writes_AtTheLimitWait_OneMoreIsDropped_AndNoCallWaits()
    {
        var cache = new AnswerCache(store, clock, Options with { WaitingMax = 3, WaitingBytesMax = 1_000 });
        cache.Keep(Cacheable(), Key(0), Answer(10));
        // the writer holds the first one
        await store.Keeping.Task;
        for (var n = 1; n <= 3; n++)
        {
            cache.Keep(Cacheable(), Key(n), Answer(10));
        }
        Assert.Equal(0, cache.Counts.Dropped);
        cache.Keep(Cacheable(), Key(4), Answer(10));
        Assert.Equal(1, cache.Counts.Dropped);
        Assert.NotNull(await cache.FindAsync(Cacheable(), Key(4), default));
        store.Open();
        await cache.DisposeAsync();
        Assert.Equal([0, 1, 2, 3], store.Written.Select(answer => (int)answer.Key.Head));
    }

    [Fact]
    public async Task WaitingBytes_AtTheLimitWait_OneMoreIsDropped()
    {
        var cache = new AnswerCache(store, clock, Options with { WaitingBytesMax = 100 });
        cache.Keep(Cacheable(), Key(0), Answer(1));
        await store.Keeping.Task;
        cache.Keep(Cacheable(), Key(1), Answer(100));
        Assert.Equal(0, cache.Counts.Dropped);
        cache.Keep(Cacheable(), Key(2), Answer(1));
        Assert.Equal(1, cache.Counts.Dropped);
        store.Open();
        await cache.DisposeAsync();
        Assert.Equal(2, store.Written.Count);
    }

    [Fact]
    public async Task Batch_AtItsLimit_IsWritten_AndOneMoreIsTheNext()
    {
        var cache = new AnswerCache(store, clock, Options);
        cache.Keep(Cacheable(), Key(0), Answer(1));
        await store.Keeping.Task;
        for (var n = 1; n <= AnswerLedger.BatchMax + 1; n++)
        {
            cache.Keep(Cacheable(), Key(n), Answer(1));
        }
        store.Open();
        await cache.DisposeAsync();
        Assert.Equal([1, AnswerLedger.BatchMax, 1], store.Batches);
    }

    [Fact]
    public async Task Miss_OfWhatTheLedgerDoesNotHold_NeverAsksIt()
    {
        store.Heads = [7];
        store.Open();
        await using var cache = new AnswerCache(store, clock, Options);
        await cache.RefreshAsync(default);
        for (var n = 100; n < 200; n++)
        {
            var asked = cache.FindAsync(Cacheable(), Key(n), default);
            Assert.True(asked.IsCompleted);
            Assert.Null(await asked);
        }
        Assert.Equal(0, store.Finds);
        // its head is known, its row is gone: asked once
        Assert.Null(await cache.FindAsync(Cacheable(), Key(7), default));
        Assert.Null(await cache.FindAsync(Cacheable(), Key(7), default));
        Assert.Equal((1, 0L), (store.Finds, cache.Counts.Hits));
    }

    [Fact]
    public async Task Ledger_ThatIsSlowOrBroken_IsAMiss()
    {
        store.Heads = [1, 2];
        await using var cache = new AnswerCache(store, clock, Options);
        await cache.RefreshAsync(default);
        store.Slow = true;
        var asked = cache.FindAsync(Cacheable(), Key(1), default);
        Assert.False(asked.IsCompleted);
        clock.Advance(Options.FindTimeout);
        Assert.Null(await asked);
        store.Slow = false;
        store.Broken = true;
        Assert.Null(await cache.FindAsync(Cacheable(), Key(2), default));
        Assert.Equal(2, broke.Count);
        // who goes away himself is not kept waiting
        store.Slow = true;
        using var gone = new CancellationTokenSource();
        var left = cache.FindAsync(Cacheable(), Key(1), gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left.AsTask());
        store.Open();
    }

    private sealed class HeldStore : IAnswerStore
    {
        private readonly TaskCompletionSource _open = new();

        public TaskCompletionSource Keeping { get; } = new();

        public ConcurrentQueue<AnswerToKeep> Written { get; } = new();

        public ConcurrentQueue<int> Batches { get; } = new();

        public IReadOnlyList<ulong> Heads { get; set; } = [];

        public int Finds { get; private set; }

        public bool Slow { get; set; }

        public bool Broken { get; set; }

        public void Open() => _open.TrySetResult();

        public async ValueTask<StoredAnswer?> FindAsync(Tenancy tenancy, AnswerKey key,
            CancellationToken cancel)
        {
            Finds++;
            if (Broken && !Slow)
            {
                throw new IOException("the ledger is away");
            }
            if (Slow)
            {
                await new TaskCompletionSource().Task.WaitAsync(cancel);
            }
            return null;
        }

        public async ValueTask KeepAsync(IReadOnlyList<AnswerToKeep> answers, CancellationToken cancel)
        {
            Keeping.TrySetResult();
            await _open.Task.WaitAsync(cancel);
            Batches.Enqueue(answers.Count);
            foreach (var answer in answers)
            {
                Written.Enqueue(answer);
            }
        }

        public ValueTask<AnswerNews> NewsAsync(long after, int most, CancellationToken cancel) =>
            new(new AnswerNews(Heads, 1));

        public ValueTask<int> PruneAsync(CancellationToken cancel) => new(0);
    }
}
