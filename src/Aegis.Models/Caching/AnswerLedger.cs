using System.Threading.Channels;
using Aegis.Core.Caching;

namespace Aegis.Models.Caching;

/// <summary>The ledger behind a node's memory: answers are written behind the calls, in batches, and read
/// only where one is known to be there. See docs/decisions/0057.</summary>
internal sealed class AnswerLedger : IAsyncDisposable
{
    /// <summary>Answers that are written at once.</summary>
    public const int BatchMax = 256;

    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(5);
    private readonly IAnswerStore _store;
    private readonly AnswerCacheOptions _options;
    private readonly TimeProvider _time;
    private readonly KnownAnswers _known;
    private readonly Channel<AnswerToKeep> _waiting;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _firstLook;
    private readonly Task _work;
    private long _waitingBytes;
    private long _dropped;
    private long _last;
    private int _isAsked;

    public AnswerLedger(IAnswerStore store, TimeProvider time, AnswerCacheOptions options)
    {
        (_store, _time, _options) = (store, time, options);
        _known = new(options.KnownMax);
        _waiting = Channel.CreateBounded<AnswerToKeep>(options.WaitingMax);
        _firstLook = Task.Run(() => GuardedAsync(LookAsync, _stop.Token));
        _work = Task.WhenAll(Task.Run(WriteAsync), Task.Run(KeepLookingAsync));
    }

    /// <summary>Answers that were not written because too many waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public bool MayHold(in AnswerKey key)
    {
        Volatile.Write(ref _isAsked, 1);
        return _known.MayHold(key);
    }

    public async ValueTask<StoredAnswer?> FindAsync(CacheableCall call, AnswerKey key,
        CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(_options.FindTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            var found = await _store.FindAsync(call.Tenancy, key, either.Token);
            if (found is null)
            {
                _known.Remove(key);
            }
            return found;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            _options.Broke?.Invoke(e);
            return null;
        }
    }

    public void Write(AnswerToKeep answer)
    {
        var bytes = answer.Answer.Body.Length;
        if (Interlocked.Add(ref _waitingBytes, bytes) > _options.WaitingBytesMax
            || !_waiting.Writer.TryWrite(answer))
        {
            Interlocked.Add(ref _waitingBytes, -bytes);
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Writes all that waits.</summary>
    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            var batch = new List<AnswerToKeep>();
            while (_waiting.Reader.TryPeek(out _))
            {
                await BatchAsync(batch, cancel);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Looks for what other nodes wrote, after the look with which this one begins.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancel)
    {
        await _firstLook.WaitAsync(cancel);
        await LookAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stop.CancelAsync();
        await _work;
        using var limit = new CancellationTokenSource(LastWrite, _time);
        await GuardedAsync(FlushAsync, limit.Token);
        _stop.Dispose();
        _writing.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new List<AnswerToKeep>();
        while (await UntilAsync(_waiting.Reader.WaitToReadAsync(_stop.Token).AsTask()))
        {
            // what was taken out is written, also where the node stops
            using var limit = new CancellationTokenSource(LastWrite, _time);
            await GuardedAsync(async cancel =>
            {
                await _writing.WaitAsync(cancel);
                try
                {
                    await BatchAsync(batch, cancel);
                }
                finally
                {
                    _writing.Release();
                }
            }, limit.Token);
            await UntilAsync(Task.Delay(_options.WritePause, _time, _stop.Token));
        }
    }

    private async ValueTask LookAsync(CancellationToken cancel)
    {
        var news = await _store.NewsAsync(_last, _known.LoadMost, cancel);
        _last = news.Last;
        _known.Load(news.Heads);
    }

    private async Task KeepLookingAsync()
    {
        var pruned = _time.GetTimestamp();
        await _firstLook;
        while (await UntilAsync(Task.Delay(_options.NewsEvery, _time, _stop.Token)))
        {
            // an idle node leaves the ledger alone
            if (Interlocked.Exchange(ref _isAsked, 0) == 1)
            {
                await GuardedAsync(LookAsync, _stop.Token);
            }
            if (_time.GetElapsedTime(pruned) >= _options.PruneEvery)
            {
                pruned = _time.GetTimestamp();
                await GuardedAsync(async cancel => await _store.PruneAsync(cancel), _stop.Token);
            }
        }
    }

    // what cannot be written is dropped: it is a call that is made again
    private async ValueTask BatchAsync(List<AnswerToKeep> batch, CancellationToken cancel)
    {
        batch.Clear();
        while (batch.Count < BatchMax && _waiting.Reader.TryRead(out var answer))
        {
            Interlocked.Add(ref _waitingBytes, -answer.Answer.Body.Length);
            batch.Add(answer);
        }
        if (batch.Count > 0)
        {
            await _store.KeepAsync(batch, cancel);
            _known.Note(batch);
        }
    }

    private async Task GuardedAsync(Func<CancellationToken, ValueTask> act, CancellationToken cancel)
    {
        try
        {
            await act(cancel);
        }
        catch (Exception e)
        {
            if (!_stop.IsCancellationRequested)
            {
                _options.Broke?.Invoke(e);
            }
        }
    }

    private static async Task<bool> UntilAsync(Task task)
    {
        try
        {
            await task;
            return task is not Task<bool> more || await more;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
