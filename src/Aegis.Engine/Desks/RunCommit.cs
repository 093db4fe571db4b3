using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine;

/// <summary>A run's way into the ledger, once all of it is known.</summary>
internal sealed class RunCommit(EngineNode node, Principal by)
{
    public static AegisError Exists(RunId id) => new(RunStart.RunExists, $"there is a run {id} already");

    public async ValueTask<bool> IsThereAsync(TenancyKeys keys, RunId id, CancellationToken cancel) =>
        node.Live.Find(by.Tenancy, id.Value) is not null
        || await node.Streams.FindAsync(keys, id.Value, cancel) is not null;

    /// <summary>Behind the runs of its group, which it may cancel; of those that wait, only the newest
    /// stays.</summary>
    private RunStarted Placed(RunStarted started, Plan plan)
    {
        if (started.ConcurrencyGroup is not { } group)
        {
            return started;
        }
        var before = node.Live.Join(by.Tenancy, group, started.RunId);
        foreach (var older in before.Skip(plan.Concurrency!.CancelInProgress ? 0 : 1))
        {
            node.Live.Find(by.Tenancy, older)?.Post(new CancelRun(node.Parts.Time.GetUtcNow(), by.Actor,
                $"{started.RunId} of the same concurrency group came after it"));
        }
        return started with { Queued = before.Count > 0 };
    }

    /// <summary>Its place in its group, and its first facts.</summary>
    /// <param name="reused">Results that it takes over.</param>
    public async ValueTask MakeAsync(TenancyKeys keys, RunStarted unplaced, PlanGraph graph,
        ImmutableArray<TaskReused> reused)
    {
        var started = Placed(unplaced, graph.Plan);
        var head = new StreamHead(node.Streams.NewKey(), keys, by.Tenancy, started.RunId);
        var done = new TaskCompletionSource<AppendOutcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        var pump = RunPump.Start(node.Context, head, started, graph, by, done.SetResult, reused);
        node.Live.Add(pump);
        if (await done.Task is var outcome && outcome != AppendOutcome.Committed)
        {
            node.Live.Remove(pump);
            node.Live.Leave(pump);
            throw new AegisException(outcome == AppendOutcome.Conflict
                ? Exists(new RunId(started.RunId))
                : PumpErrors.NotHere);
        }
        node.RunChanged();
    }
}
