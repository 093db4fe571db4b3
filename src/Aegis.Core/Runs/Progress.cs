using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs;

/// <summary>What follows by itself once something has changed: tasks whose needs have ended are skipped,
/// started or queued for a slot, and a run without open tasks ends.</summary>
internal static class Progress
{
    /// <summary>Looks at the tasks that wait for an ended one, and at what their own end sets free.</summary>
    public static void AfterEnd(Decision d, int ended) => Advance(d, Followers(d, ended));

    public static void FromRoots(Decision d) =>
        Advance(d, [.. d.State.Plan.Tasks.Where(t => t.Needs.IsEmpty).Select(t => t.Index)]);

    public static void Advance(Decision d, ImmutableArray<int> candidates)
    {
        var open = new Queue<int>(d.State.Holds ? [] : candidates);
        while (open.TryDequeue(out var index))
        {
            if (d.State.Tasks[index].Status != TaskStatus.Ready)
            {
                continue;
            }
            foreach (var next in Consider(d, index))
            {
                open.Enqueue(next);
            }
        }
        EndIfDone(d);
    }

    /// <summary>What an ended task sets free: those that need it, and what its group does now.</summary>
    public static ImmutableArray<int> Followers(Decision d, int ended)
    {
        TaskLocks.Release(d, ended);
        var dependents = d.State.Graph.Dependents(ended).AddRange(AgentTurns.Waiting(d, ended));
        return d.State.Plan.Tasks[ended].Member is { } member
            ? dependents.AddRange(Groups.AfterMember(d, member.Group))
            : dependents;
    }

    /// <summary>Ends a task that never ran in failure.</summary>
    public static ImmutableArray<int> Fail(Decision d, int index, AegisError error)
    {
        d.Emit(new TaskFailed(
            d.State.Plan.Tasks[index].StepId, d.State.Tasks[index].Attempt, error, null, null));
        return Followers(d, index);
    }

    /// <summary>Begins a ready task, allowed and with a condition that holds: a group is expanded, an inline
    /// tool starts at once, every other is queued for a slot.</summary>
    /// <returns>Tasks to look at next.</returns>
    public static ImmutableArray<int> Begin(Decision d, int index)
    {
        var task = d.State.Plan.Tasks[index];
        if (task.Options.Foreach is not null)
        {
            return Groups.Expand(d, index);
        }
        if (task.Options.Repeat is not null)
        {
            return Groups.BeginRepeat(d, index);
        }
        if (d.Rules.Traits(task.Tool) is not { } traits)
        {
            return Fail(d, index, new AegisError("AEGIS5001", $"no tool {task.Tool} on this node",
                Mend: "see `aegis tools`"));
        }
        if (traits.Turns && task.Member is not { Turn: true })
        {
            return AgentTurns.Begin(d, index);
        }
        if (TaskHashes.Ask(d, index, HashUse.Input))
        {
            return [];
        }
        if (!task.Options.Locks.IsEmpty && d.State.Tasks[index].Locks is null)
        {
            return TaskLocks.Ask(d, index);
        }
        if (traits.Inline)
        {
            return Start(d, index, recovery: false);
        }
        d.Then(new RunEffect.AcquireSlot(index));
        return [];
    }

    /// <summary>Renders the input, emits TaskStarted and asks for the execution; a task whose input cannot be
    /// rendered has failed.</summary>
    /// <returns>Tasks to look at next.</returns>
    public static ImmutableArray<int> Start(Decision d, int index, bool recovery)
    {
        var task = d.State.Plan.Tasks[index];
        if (!Rendered.TryMake(d.State, task, out var input, out var env, out var error))
        {
            return Fail(d, index, error!);
        }
        var attempt = d.State.Tasks[index].Attempt + 1;
        d.Emit(new TaskStarted(task.StepId, attempt, task.Tool,
            // a turn is asked the same as the first one
            task.Member is { Turn: true, Number: > 0 } ? null : Recordable(input), recovery));
        var granted = d.State.Tasks[index].Approval is { CallDigest: not null } approval
            ? approval.GrantOf(GateQuestion.DigestOf(task.Tool, input, env))
            : null;
        d.Then(new RunEffect.Execute(index, attempt, input, env, granted));
        WatchSla(d, index);
        return [];
    }

    /// <summary>Asks to be woken when a task that has begun will have taken too long.</summary>
    public static void WatchSla(Decision d, int index)
    {
        var state = d.State.Tasks[index];
        if (d.State.Plan.Tasks[index].Options.Sla is { } sla && !state.Overdue)
        {
            d.Then(new RunEffect.WakeAt(index, state.StartedAt!.Value + sla));
        }
    }

    /// <summary>The condition of a ready task, or null where evaluating it failed.</summary>
    public static bool? Condition(Decision d, PlanTask task, out AegisError? error)
    {
        error = null;
        if (task.If is null)
        {
            return !d.State.Tasks[task.Index].AboveFailed && d.State.Status == RunStatus.Running;
        }
        var result = Expressions.Condition.Evaluate(task.If, new RunExpressionContext(d.State, task));
        error = result.Error;
        return result.Value;
    }

    public static void EndIfDone(Decision d)
    {
        var run = d.State;
        if (run.OpenTasks > 0 || run.Ended)
        {
            return;
        }
        d.Emit(run.CancelAsked ? new RunCancelled(run.StopReason)
            : run.AnyFailed ? new RunFailed(run.StopReason ?? FailureReason(run))
            : Completed(run));
        d.Then(new RunEffect.Ended());
    }

    private static RunEvent Completed(RunState run)
    {
        var outputs = OutputContract.Evaluate(run.Plan.Outputs, null,
            new RunExpressionContext(run, null));
        return outputs.Error is { } error
            ? new RunFailed($"the run's outputs: {error.Message}")
            : new PlanCompleted(run.Start.RunId, run.Start.PlanId, outputs.Value);
    }

    private static ImmutableArray<int> Consider(Decision d, int index)
    {
        var (task, state) = (d.State.Plan.Tasks[index], d.State.Tasks[index]);
        if (TaskHashes.Ask(d, index, HashUse.Condition))
        {
            return [];
        }
        switch (Condition(d, task, out var error))
        {
            case true when task.Options.Approve is { } approval && !state.Approved:
                return Approvals.Request(d, index, approval);
            case true:
                return Begin(d, index);
            case false:
                d.Emit(new TaskSkipped(task.StepId, SkipReason(d.State, task)));
                return Followers(d, index);
            default:
                return Fail(d, index, error!);
        }
    }

    private static string SkipReason(RunState run, PlanTask task) =>
        run.Status == RunStatus.Stopping ? "the run is stopping"
        : run.Tasks[task.Index].AboveFailed ? "a step that it needs failed"
        : "its condition is false";

    private static string FailureReason(RunState run) => FirstFailed(run) is { } task
        ? $"step {task.StepId} failed: {run.Tasks[task.Index].Error?.Message}" : "a step failed";

    /// <summary>The step that failed the run. A task of a group only fails its group.</summary>
    internal static PlanTask? FirstFailed(RunState run) => run.Plan.Tasks.FirstOrDefault(t =>
        run.Tasks[t.Index].Status == TaskStatus.Failed && t is { ContinueOnError: false, Member: null });

    private static JsonElement? Recordable(JsonElement input)
    {
        var text = input.GetRawText();
        return text.Length <= 2 ? null
            : Encoding.UTF8.GetByteCount(text) <= RunRules.InputBytesMax ? input
            : null;
    }
}
