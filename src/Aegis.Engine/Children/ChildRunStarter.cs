using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Locks;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Commands;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate.Budgets;
using Aegis.Ledger;

namespace Aegis.Engine.Children;

/// <summary>
/// Runs that steps stand on. A child is started on the node of the run above it, under an id that the request
/// made known, so a start that is tried again finds the run that is there. The end is told from memory where
/// the child is live here, and read from its stream where it is not: a crash between the child's end and the
/// word of it loses nothing. What the run above does (stop, pause, go on) is looked up when it is to be
/// followed and never sent along, so that the order of the words does not matter.
/// </summary>
public sealed class ChildRunStarter(EngineNode node, Alarms alarms) : IChildRuns
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    public void Start(RunPump parent, RunEffect.StartChild child) =>
        _ = Task.Run(() => StartAsync(parent, child));

    public void Steer(RunPump parent, int index)
    {
        var run = parent.Committed;
        if (run.Tasks[index] is not { Status: TaskStatus.Child, Child: { } asked } task)
        {
            return;
        }
        var (now, actor) = (node.Parts.Time.GetUtcNow(), ChildRuns.ActorOf(run.Start.RunId));
        if (node.Live.Find(parent.Head.Tenancy, asked.RunId) is not { } child)
        {
            return;
        }
        if (run.Status == RunStatus.Stopping)
        {
            child.Post(new CancelRun(now, actor, "the run above stops"));
        }
        else if (task.NotBefore <= now)
        {
            child.Post(new CancelRun(now, actor, "the time of the step above is over"));
        }
        else
        {
            child.Post(new FollowParent(now, run.Paused));
        }
    }

    public void Spent(RunPump child)
    {
        var parent = ParentOf(child);
        if (parent?.BudgetLeftUsd is not null)
        {
            Tell(parent, child, (index, at) => new ChildSpent(at, index, child.Head.StreamId,
                child.Committed.CostUsd));
        }
    }

    public decimal? BudgetLeftAbove(RunPump child) => ParentOf(child)?.BudgetLeftUsd;

    public RunAudits AuditsAbove(RunPump child) => ParentOf(child)?.Audits ?? RunAudits.None;

    public ImmutableArray<RunBudget> BudgetsAbove(RunPump child) => ParentOf(child)?.Budgets ?? [];

    /// <summary>A run has ended here: whoever stands on it is told.</summary>
    public void Ended(RunPump child)
    {
        if (ParentOf(child) is { } parent)
        {
            Tell(parent, child, (index, at) => new ChildEnded(at, index, child.Head.StreamId,
                ResultOf(child.Committed), Random.Shared.NextDouble()));
        }
    }

    public ImmutableArray<LockOwner> Above(RunPump run, int index)
    {
        var above = ImmutableArray.CreateBuilder<LockOwner>();
        for (RunPump? at = run; at is not null; at = ParentOf(at))
        {
            if (at != run)
            {
                above.Add(new LockOwner(run.Head.Tenancy, at.Head.StreamId, index));
            }
            for (var task = at.Committed.Plan.Tasks[index]; task.Member is { } member;
                task = at.Committed.Plan.Tasks[member.Group])
            {
                above.Add(new LockOwner(run.Head.Tenancy, at.Head.StreamId, member.Group));
            }
            if (at.Committed.Start.Parent is { } parent
                && ParentOf(at)?.Committed.Graph.IndexOf(parent.StepId) is { } calling)
            {
                index = calling;
            }
        }
        return above.ToImmutable();
    }

    public AegisError Refusal(LockStandstill standstill)
    {
        var (name, holder) = standstill;
        var step = node.Live.Find(holder.Tenancy, holder.RunId)?.Committed.Plan.Tasks[holder.Index].StepId;
        var who = $"{step ?? "a step"} of {holder.RunId}";
        return new AegisError("AEGIS5059",
            $"the lock {name} can never be had here: {who}, which has it or gets it first, waits for this "
                + "step",
            "a lock that no step above holds, nor waits for", $"{name}, of {who}",
            "take the lock in one of the two workflows, or both locks in the step above");
    }

    private RunPump? ParentOf(RunPump child) => child.Committed.Start.Parent is { } above
        ? node.Live.Find(child.Head.Tenancy, above.RunId)
        : null;

    private void Tell(RunPump parent, RunPump child, Func<int, DateTimeOffset, RunCommand> command)
    {
        if (parent.Committed.Graph.IndexOf(child.Committed.Start.Parent!.StepId) is { } index)
        {
            parent.Post(command(index, node.Parts.Time.GetUtcNow()));
        }
    }

    private async Task StartAsync(RunPump parent, RunEffect.StartChild child)
    {
        try
        {
            if (!await WatchAsync(parent, child))
            {
                await new ChildStart(node, parent, child).RunAsync();
                Steer(parent, child.Index);
            }
        }
        catch (AegisException e) when (e.Error.Code == RunStart.RunExists)
        {
            // it came in between
            Again(parent, child, TryAgain);
        }
        catch (AegisException e) when (e.Error.Code == PumpErrors.NotHere.Code)
        {
            // this node can append nothing any more: the next one starts it
        }
        catch (AegisException e)
        {
            Refuse(parent, child, e.Error);
        }
        catch (Exception e) when (PassingFault.Is(e))
        {
            EngineLog.ChildBroke(node.Parts.Log, child.RunId, e);
            Again(parent, child, TryAgain);
        }
        catch (Exception e)
        {
            EngineLog.ChildBroke(node.Parts.Log, child.RunId, e);
            Refuse(parent, child, new AegisError("AEGIS5006",
                $"the run of {child.Request.Workflow} broke inside the engine: {e.GetType().Name}",
                Mend: "the server's log has the details; report it with the run's id"));
        }
    }

    /// <summary>False where there is no such run yet. Otherwise its end will be told, or is told
    /// now.</summary>
    private async Task<bool> WatchAsync(RunPump parent, RunEffect.StartChild child)
    {
        if (node.Live.Find(parent.Head.Tenancy, child.RunId) is { } live)
        {
            Steer(parent, child.Index);
            // an end before the request was committed found nobody to tell
            if (live.Committed.Ended)
            {
                Ended(live);
            }
            return true;
        }
        if (await node.History.FindAsync(parent.Head.Tenancy, parent.Head.Keys, child.RunId,
            CancellationToken.None) is not { } stored)
        {
            return false;
        }
        if (stored.State.Ended)
        {
            parent.Post(new ChildEnded(node.Parts.Time.GetUtcNow(), child.Index, child.RunId,
                ResultOf(stored.State), Random.Shared.NextDouble()));
        }
        else
        {
            // another node pumps it, or it has not been taken over yet
            Again(parent, child, LookAgain);
        }
        return true;
    }

    private void Refuse(RunPump parent, RunEffect.StartChild child, AegisError error) =>
        parent.Post(new ChildEnded(node.Parts.Time.GetUtcNow(), child.Index, child.RunId,
            new ChildResult("refused", Reason: error.Message, Refusal: error), Random.Shared.NextDouble()));

    private void Again(RunPump parent, RunEffect.StartChild child, TimeSpan after) =>
        alarms.At(node.Parts.Time.GetUtcNow() + after, () =>
        {
            if (parent.Committed.Tasks[child.Index] is { Status: TaskStatus.Child, Child: { } still }
                && still.RunId == child.RunId)
            {
                Start(parent, child);
            }
        });

    private static ChildResult ResultOf(RunState run) =>
        new(TaskStatusText.Of(run.Status), run.Outputs, run.CostUsd, run.StopReason,
            Audits: run.Audits.IsEmpty ? null : run.Audits, FailedWith: ChildRuns.FailedWith(run));
}
