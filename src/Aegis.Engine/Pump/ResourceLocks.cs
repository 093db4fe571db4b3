using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Runs.Locks;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Locks;
using Aegis.Ledger.Tenants;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Pump;

/// <summary>Who hears of grants and refusals: the runs of this node.</summary>
public interface ILockHolders
{
    void Granted(LockGrant grant);

    void Denied(LockDenial denial);
}

/// <summary>
/// This node's way to the locks of all nodes. Wishes of a project are kept in order and put together into one
/// turn of the table, so that a burst costs one commit; projects do not wait for each other. A turn that
/// broke is made again: what it may have done already is found again and told once. Runs without locks never
/// come here.
/// </summary>
public sealed class ResourceLocks : IAsyncDisposable
{
    private const int TurnMax = 100;
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);
    private readonly LockTable table;
    private readonly ILockHolders holders;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<TenancyKeys, Project> projects = new();
    private readonly ConcurrentDictionary<LockOwner, bool> told = new();

    public ResourceLocks(LockTable table, ILockHolders holders, TimeProvider time, ILogger log) =>
        (this.table, this.holders, this.time, this.log) = (table, holders, time, log);

    /// <summary>Asks for all the names at once; the answer comes to the holders.</summary>
    public void Ask(
        StreamHead run, int index, ImmutableArray<string> names, ImmutableArray<LockOwner> above) =>
        Wish(run, new LockWish.Ask(new LockEntry(OwnerOf(run, index), names, above)));

    /// <summary>Gives back everything of a task, requests included.</summary>
    public void Release(StreamHead run, int index)
    {
        told.TryRemove(OwnerOf(run, index), out _);
        Wish(run, new LockWish.Release(OwnerOf(run, index)));
    }

    /// <summary>Gives back everything of a run.</summary>
    public void ReleaseRun(StreamHead run)
    {
        foreach (var owner in told.Keys.Where(o => o.Tenancy == run.Tenancy && o.RunId == run.StreamId))
        {
            told.TryRemove(owner, out _);
        }
        Wish(run, new LockWish.ReleaseRun(run.StreamId));
    }

    /// <summary>Goes on with what a run of a dead node holds, and waits for.</summary>
    public void TakeOver(StreamHead run, IEnumerable<(int Index, ImmutableArray<string> Names)> held,
        IEnumerable<int> alive)
    {
        var entries = held.Select(h => new LockEntry(OwnerOf(run, h.Index), h.Names, [])).ToImmutableArray();
        foreach (var entry in entries)
        {
            told[entry.Owner] = true;
        }
        Wish(run, new LockWish.TakeOver(run.StreamId, entries, [.. alive]));
    }

    /// <summary>Looks for what other nodes granted to runs of this one.</summary>
    public async Task HearAsync(CancellationToken cancel)
    {
        foreach (var grant in await table.TellAsync(cancel))
        {
            Tell(grant);
        }
    }

    /// <summary>Frees what runs left behind that ended while their node died.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        foreach (var (tenancy, keys) in await table.SweepAsync(cancel))
        {
            Wish(tenancy, keys, null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(projects.Values.Select(project => project.Idle));
        stop.Dispose();
    }

    private static LockOwner OwnerOf(StreamHead run, int index) => new(run.Tenancy, run.StreamId, index);

    private void Wish(StreamHead run, LockWish wish) => Wish(run.Tenancy, run.Keys, wish);

    private void Wish(Tenancy tenancy, TenancyKeys keys, LockWish? wish)
    {
        var project = projects.GetOrAdd(keys, _ => new Project());
        lock (project.Waiting)
        {
            if (wish is not null)
            {
                project.Waiting.Enqueue(wish);
            }
            if (project.Idle.IsCompleted)
            {
                project.Idle = Task.Run(() => WorkAsync(project, tenancy, keys));
            }
        }
    }

    private async Task WorkAsync(Project project, Tenancy tenancy, TenancyKeys keys)
    {
        List<LockWish> turn = [];
        do
        {
            try
            {
                var verdicts = await table.TurnAsync(tenancy, keys, turn = Next(project, turn), stop.Token);
                turn = [];
                Tell(verdicts);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // nobody else would decide them: they are tried again whatever it was
                EngineLog.LocksBroke(log, tenancy.ToString(), e);
                await PauseAsync();
            }
        }
        while (!Rests(project, turn));
    }

    /// <summary>The wishes of the next turn: those of a turn that broke first.</summary>
    private static List<LockWish> Next(Project project, List<LockWish> broken)
    {
        lock (project.Waiting)
        {
            while (broken.Count < TurnMax && project.Waiting.TryDequeue(out var wish))
            {
                broken.Add(wish);
            }
        }
        return broken;
    }

    // seen and said under one lock: a wish that comes later finds the work ended and begins it anew
    private bool Rests(Project project, List<LockWish> broken)
    {
        lock (project.Waiting)
        {
            if (stop.IsCancellationRequested || (broken.Count == 0 && project.Waiting.Count == 0))
            {
                project.Idle = Task.CompletedTask;
                return true;
            }
            return false;
        }
    }

    private void Tell(LockVerdicts verdicts)
    {
        foreach (var grant in verdicts.Granted)
        {
            Tell(grant);
        }
        foreach (var denial in verdicts.Denied)
        {
            holders.Denied(denial);
        }
    }

    private void Tell(LockGrant grant)
    {
        if (told.TryAdd(grant.Owner, true))
        {
            holders.Granted(grant);
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(AfterFault, time, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // the loop ends by itself
        }
    }

    private sealed class Project
    {
        public Queue<LockWish> Waiting { get; } = new();

        public Task Idle { get; set; } = Task.CompletedTask;
    }
}
