using System.Collections.Concurrent;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Models;
using Aegis.Engine.Calls;
using Aegis.Engine.Pump;
using Aegis.Ledger;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.ReadModels;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Projections;

/// <summary>Writes what changed every 50 ms: the last state per task, merged in memory, so that a task that
/// came and went within a beat costs one row. Sleeps while nothing changes.</summary>
public sealed class ReadModelWriter : IAsyncDisposable
{
    public static TimeSpan Beat { get; } = TimeSpan.FromMilliseconds(50);

    private readonly ReadModelStore store;
    private readonly ILogger log;
    private readonly ConcurrentDictionary<RunPump, byte> dirty = new();
    private readonly ConcurrentDictionary<CallSession, byte> sessions = new();
    private readonly ConcurrentQueue<PlanRow> plans = new();
    private readonly ConcurrentQueue<long> closed = new();
    private readonly SemaphoreSlim changed = new(0);
    private readonly SemaphoreSlim writing = new(1);
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;
    private int awake;
    private volatile bool abandoned;

    public ReadModelWriter(ReadModelStore store, TimeProvider time, ILogger log)
    {
        (this.store, this.log) = (store, log);
        loop = Task.Run(() => LoopAsync(time));
    }

    /// <summary>Told for each run whose rows stand at its last state.</summary>
    public Action<RunPump>? Closed { get; set; }

    public void MarkDirty(RunPump pump)
    {
        if (dirty.TryAdd(pump, 0))
        {
            Wake();
        }
    }

    /// <summary>Calls of a session that asked models are committed.</summary>
    public void MarkDirty(CallSession session)
    {
        if (sessions.TryAdd(session, 0))
        {
            Wake();
        }
    }

    /// <summary>A plan's stream has one fact, so it is closed with its row.</summary>
    public void Add(PlanRow plan)
    {
        plans.Enqueue(plan);
        Wake();
    }

    /// <summary>A stream that nothing is appended to any more.</summary>
    public void Close(long streamKey)
    {
        closed.Enqueue(streamKey);
        Wake();
    }

    /// <summary>Writes everything that is committed now.</summary>
    public Task DrainAsync(CancellationToken cancel) => AloneAsync(() => WriteAsync(cancel), cancel);

    /// <summary>Runs a rebuild while nothing else is written, so that no older row comes over a newer
    /// one.</summary>
    public async Task AloneAsync(Func<Task> act, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            await act();
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task WriteAsync(CancellationToken cancel)
    {
        if (abandoned)
        {
            return;
        }
        var batch = new ReadModelBatch();
        while (plans.TryDequeue(out var plan))
        {
            batch.Plans.Add(plan);
            batch.ClosedStreams.Add(plan.StreamKey);
        }
        var closing = new List<long>();
        while (closed.TryDequeue(out var key))
        {
            closing.Add(key);
        }
        batch.ClosedStreams.AddRange(closing);
        var taken = new List<(RunPump Pump, RunState State)>();
        foreach (var pump in dirty.Keys)
        {
            dirty.TryRemove(pump, out _);
            var state = pump.Committed;
            taken.Add((pump, state));
            RunProjection.Add(batch, pump.Head.Keys, pump.Projected, state);
            if (state.Ended)
            {
                batch.ClosedStreams.Add(pump.Head.Key);
            }
        }
        var summed = Summed(batch);
        if (batch.IsEmpty)
        {
            return;
        }
        try
        {
            await store.WriteAsync(batch, cancel);
        }
        catch (Exception e)
        {
            // what was taken is still to be written: by the next beat, or by the last drain of a stop that
            // cancelled this one
            batch.Plans.ForEach(plans.Enqueue);
            closing.ForEach(closed.Enqueue);
            taken.ForEach(t => MarkDirty(t.Pump));
            summed.ForEach(s => MarkDirty(s.Session));
            if (!PassingFault.Is(e))
            {
                throw;
            }
            EngineLog.ProjectionBroke(log, e);
            return;
        }
        summed.ForEach(s => s.Session.Usage.Projected = s.Usage);
        foreach (var (pump, state) in taken)
        {
            pump.Projected = state;
            if (state.Ended)
            {
                Closed?.Invoke(pump);
            }
        }
    }

    private List<(CallSession Session, ModelUsage Usage)> Summed(ReadModelBatch batch)
    {
        var summed = new List<(CallSession, ModelUsage)>();
        foreach (var session in sessions.Keys)
        {
            sessions.TryRemove(session, out _);
            var usage = session.Usage;
            usage.Sum();
            UsageProjection.Add(batch, session.Keys, session.Id, session.Facts.Door, session.Facts.Actor,
                usage.Projected, usage.Summed);
            summed.Add((session, usage.Summed));
        }
        return summed;
    }

    /// <summary>The node has lost its lease: its rows would come over those of the new owner.</summary>
    public void Abandon() => abandoned = true;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        await DrainAsync(CancellationToken.None);
        stop.Dispose();
        changed.Dispose();
        writing.Dispose();
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref awake, 1) == 0)
        {
            changed.Release();
        }
    }

    private async Task LoopAsync(TimeProvider time)
    {
        try
        {
            while (true)
            {
                await changed.WaitAsync(stop.Token);
                await Task.Delay(Beat, time, stop.Token);
                Volatile.Write(ref awake, 0);
                await DrainAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the last drain is DisposeAsync's
        }
    }
}
