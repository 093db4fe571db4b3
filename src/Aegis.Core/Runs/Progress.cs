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
    public static void AfterEnd(Decision d, int ended) => Advance(d, d.State.Graph.Dependents(ended));

    public static void FromRoots(Decision d) =>
        Advance(d, [.. d.State.Plan.Tasks.Where(t => t.Needs.IsEmpty).Select(t => t.Index)]);

    public static void Advance(Decision d, ImmutableArray<int> candidates)
    {
        var open = new Queue<int>(candidates);
        while (open.TryDequeue(out var index))
        {
            if (d.State.Tasks[index].Status == TaskStatus.Ready && !Consider(d, index))
            {
                foreach (var next in d.State.Graph.Dependents(index))
                {
                    open.Enqueue(next);
                }
            }
        }
        EndIfDone(d);
    }

    /// <summary>Renders the input, emits TaskStarted and asks for the execution. False when rendering failed
    /// and the task has ended.</summary>
    public static bool Start(Decision d, int index, bool recovery)
    {
        var task = d.State.Plan.Tasks[index];
        if (!Rendered.TryMake(d.State, task, out var input, out var env, out var error))
        {
            d.Emit(new TaskFailed(task.StepId, d.State.Tasks[index].Attempt, error!, null, null));
            return false;
        }
        var attempt = d.State.Tasks[index].Attempt + 1;
        d.Emit(new TaskStarted(task.StepId, attempt, task.Tool, Recordable(input), recovery));
        d.Then(new RunEffect.Execute(index, attempt, input, env));
        return true;
    }

    /// <summary>Starts an inline tool at once and queues every other for a slot.</summary>
    public static bool StartOrQueue(Decision d, int index)
    {
        var task = d.State.Plan.Tasks[index];
        if (d.Rules.Traits(task.Tool) is not { } traits)
        {
            d.Emit(new TaskFailed(
                task.StepId, 0, new AegisError("AEGIS5001", $"no tool {task.Tool} on this node",
                Mend: "see `aegis tools`"), null, null));
            return false;
        }
        if (traits.Inline)
        {
            return Start(d, index, recovery: false);
        }
        d.Then(new RunEffect.AcquireSlot(index));
        return true;
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
            : new PlanCompleted(run.Start.RunId, run.Start.PlanId));
        d.Then(new RunEffect.Ended());
    }

    /// <returns>False when the task ended here (skipped or failed).</returns>
    private static bool Consider(Decision d, int index)
    {
        var task = d.State.Plan.Tasks[index];
        switch (Condition(d, task, out var error))
        {
            case true:
                return StartOrQueue(d, index);
            case false:
                d.Emit(new TaskSkipped(task.StepId, SkipReason(d.State, task)));
                return false;
            default:
                d.Emit(new TaskFailed(task.StepId, 0, error!, null, null));
                return false;
        }
    }

    private static string SkipReason(RunState run, PlanTask task) =>
        run.Status == RunStatus.Stopping ? "the run is stopping"
        : run.Tasks[task.Index].AboveFailed ? "a step that it needs failed"
        : "its condition is false";

    private static string FailureReason(RunState run)
    {
        foreach (var task in run.Plan.Tasks)
        {
            var state = run.Tasks[task.Index];
            if (state.Status == TaskStatus.Failed && !task.ContinueOnError)
            {
                return $"step {task.StepId} failed: {state.Error?.Message}";
            }
        }
        return "a step failed";
    }

    private static JsonElement? Recordable(JsonElement input)
    {
        var text = input.GetRawText();
        return text.Length <= 2 ? null
            : Encoding.UTF8.GetByteCount(text) <= RunRules.InputBytesMax ? input
            : null;
    }
}
