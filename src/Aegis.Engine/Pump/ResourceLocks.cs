using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Locks;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Locks;
using Aegis.Ledger.Tenants;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Pump;

/// <summary>Who hears of grants and refusals: the runs of this node, and who waits at its doors.</summary>
public interface ILockHolders
{
    void Granted(LockGrant grant);

    void Denied(LockDenial denial);
}

/// <summary>
/// This node's way to the locks of all nodes. Wishes of a project are kept in order and put together into one
/// turn of the table, so that a burst costs one commit; projects do not wait for each other. A turn that
/// broke is made again: what it may have done already is found again and told once. Runs without locks never
/// come here. When the time of a holder outside runs out, a turn without wishes takes it away.
/// </summary>
public sealed class ResourceLocks : IAsyncDisposable
{
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DueMin = TimeSpan.FromMilliseconds(5);
    private readonly LockTable table;
    private readonly ILockHolders holders;
    private readonly Alarms alarms;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<TenancyKeys, LockQueue> projects = new();
    private readonly ConcurrentDictionary<LockOwner, bool> told = new();

    public ResourceLocks(
        LockTable table, ILockHolders holders, Alarms alarms, TimeProvider time, ILogger log) =>
        (this.table, this.holders, this.alarms, this.time, this.log) = (table, holders, alarms, time, log);

    /// <summary>Called when facts wait to be moved into their streams.</summary>
    public Action FactsWait { get; set; } = () => { };

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

    /// <summary>What a wish of a holder outside comes to; fails where this node decides nothing any
    /// more.</summary>
    public Task<OutsideAnswer> WishAsync(Tenancy tenancy, TenancyKeys keys, LockWish wish)
    {
        var answer = new TaskCompletionSource<OutsideAnswer>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        Wish(tenancy, keys, new LockWanted(wish, answer));
        return answer.Task;
    }

    /// <summary>Looks for what other nodes granted to those who wait on this one.</summary>
    public async Task HearAsync(CancellationToken cancel)
    {
        foreach (var grant in await table.TellAsync(cancel))
        {
            Tell(grant);
        }
    }

    /// <summary>Frees what runs left behind that ended while their node died, and what holders outside
    /// should have given back.</summary>
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
        foreach (var project in projects.Values)
        {
            LockQueue.Fail(project.Next([]));
        }
        stop.Dispose();
    }

    private static LockOwner OwnerOf(StreamHead run, int index) => new(run.Tenancy, run.StreamId, index);

    private void Wish(StreamHead run, LockWish wish) =>
        Wish(run.Tenancy, run.Keys, new LockWanted(wish, null));

    private void Wish(Tenancy tenancy, TenancyKeys keys, LockWanted? wish)
    {
        var project = projects.GetOrAdd(keys, _ => new LockQueue());
        lock (project.Waiting)
        {
            if (stop.IsCancellationRequested)
            {
                LockQueue.Fail(wish is { } late ? [late] : []);
                return;
            }
            if (wish is { } wanted)
            {
                project.Waiting.Enqueue(wanted);
            }
            if (project.Idle.IsCompleted)
            {
                project.Idle = Task.Run(() => WorkAsync(project, tenancy, keys));
            }
        }
    }

    private async Task WorkAsync(LockQueue project, Tenancy tenancy, TenancyKeys keys)
    {
        List<LockWanted> turn = [];
        do
        {
            try
            {
                turn = project.Next(turn);
                var verdicts = await table.TurnAsync(
                    tenancy, keys, [.. turn.Select(wanted => wanted.Wish)], stop.Token);
                Answer(turn, verdicts);
                turn = [];
                Tell(verdicts);
                Remind(project, tenancy, keys, verdicts.Due);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                LockQueue.Fail(turn);
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

    // seen and said under one lock: a wish that comes later finds the work ended and begins it anew
    private bool Rests(LockQueue project, List<LockWanted> broken)
    {
        lock (project.Waiting)
        {
            if (stop.IsCancellationRequested || (broken.Count == 0 && project.Waiting.Count == 0))
            {
                LockQueue.Fail(broken);
                project.Idle = Task.CompletedTask;
                return true;
            }
            return false;
        }
    }

    private static void Answer(List<LockWanted> turn, LockVerdicts verdicts)
    {
        if (verdicts.Answers.Count == 0)
        {
            LockQueue.Fail(turn);
        }
        foreach (var (wanted, answer) in turn.Zip(verdicts.Answers))
        {
            wanted.Reply?.TrySetResult(answer!);
        }
    }

    /// <summary>Sees to it that the next turn comes when somebody's time is over.</summary>
    private void Remind(LockQueue project, Tenancy tenancy, TenancyKeys keys, TimeSpan? due)
    {
        if (due is not { } left)
        {
            return;
        }
        var at = time.GetUtcNow() + (left > DueMin ? left : DueMin);
        lock (project.Waiting)
        {
            if (project.Due is { } earlier && earlier <= at)
            {
                return;
            }
            project.Due = at;
        }
        alarms.At(at, () =>
        {
            lock (project.Waiting)
            {
                if (project.Due != at)
                {
                    return;
                }
                project.Due = null;
            }
            Wish(tenancy, keys, null);
        });
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
        if (verdicts.HasFacts)
        {
            FactsWait();
        }
    }

    private void Tell(LockGrant grant)
    {
        if (grant.Owner.IsOutside || told.TryAdd(grant.Owner, true))
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
}
