using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Engine.Pump;

namespace Aegis.Engine.Node;

/// <summary>The runs this node pumps, and whose turn it is in their concurrency groups.</summary>
public sealed class LiveRuns(TimeProvider time)
{
    private readonly ConcurrentDictionary<(Tenancy, string), RunPump> pumps = new();
    private readonly ConcurrencyGroups groups = new();

    public int Count => pumps.Count;

    public IEnumerable<RunPump> All => pumps.Values;

    public void Add(RunPump pump) => pumps[(pump.Head.Tenancy, pump.Head.StreamId)] = pump;

    public void Remove(RunPump pump) => pumps.TryRemove((pump.Head.Tenancy, pump.Head.StreamId), out _);

    public RunPump? Find(Tenancy tenancy, string runId) => pumps.GetValueOrDefault((tenancy, runId));

    /// <summary>Decides nothing any more and interrupts every attempt.</summary>
    public void Freeze()
    {
        foreach (var pump in All)
        {
            pump.Freeze();
        }
    }

    /// <summary>As above, and waits until each attempt has ended in its way: some have something to keep
    /// first.</summary>
    /// <param name="limit">Ends the wait.</param>
    public async Task SettleAsync(CancellationToken limit)
    {
        Freeze();
        await Task.WhenAll(All.Select(pump => pump.Idle)).WaitAsync(limit)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes a place in a group.</summary>
    /// <returns>The runs before this one, the one that runs first.</returns>
    public IReadOnlyList<string> Join(Tenancy tenancy, string group, string runId) =>
        groups.Join(tenancy, group, runId);

    /// <summary>Gives a place back that no run came to stand for, or whose run has ended; the next one
    /// begins.</summary>
    public void Leave(Tenancy tenancy, string group, string runId)
    {
        if (groups.Leave(tenancy, group, runId) is { } next && Find(tenancy, next) is { } pump)
        {
            pump.Post(new AdmitRun(time.GetUtcNow()));
        }
    }

    public void Leave(RunPump pump)
    {
        if (pump.Committed.Start.ConcurrencyGroup is { } group)
        {
            Leave(pump.Head.Tenancy, group, pump.Head.StreamId);
        }
    }

    /// <summary>Runs that were taken over stand in their groups again: what ran before what waited, then in
    /// the order of their starts. A group whose running one ended with the old node goes on.</summary>
    public void Rejoin(IEnumerable<RunPump> taken)
    {
        foreach (var pump in taken.Where(p => p.Committed is { Ended: false,
            Start.ConcurrencyGroup: not null })
            .OrderBy(p => p.Committed.Queued).ThenBy(p => p.Committed.StartedAt))
        {
            var before = Join(pump.Head.Tenancy, pump.Committed.Start.ConcurrencyGroup!, pump.Head.StreamId);
            if (before.Count == 0)
            {
                pump.Post(new AdmitRun(time.GetUtcNow()));
            }
        }
    }
}
