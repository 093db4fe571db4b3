using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Retries;

/// <summary>
/// Which results of a run hold for another one of the same plan. A result holds where the task has ended well
/// (or was allowed to fail), does not stand on a task that runs again, and would be asked the same: with
/// edited inputs its rendered input is held against the old one, and where they differ it runs too. Rejected:
/// refusing such edits, which would make the caller find out by hand what stands on an input.
/// </summary>
public static class RetryPlan
{
    /// <param name="before">The run as it stands.</param>
    /// <param name="started">The first fact of the other one: its inputs, its context, its overrides.</param>
    /// <param name="from">Steps to run again with all that stands on them; empty for every one that
    /// failed.</param>
    public static RetryResult Make(RunState before, RunStarted started, ImmutableArray<string> from)
    {
        var roots = new HashSet<int>();
        foreach (var step in from.Concat(StepOverrides.StepsOf(started.With)))
        {
            if (before.Graph.IndexOf(step) is not { } index)
            {
                return new RetryResult([], new AegisError("AEGIS5060",
                    $"run {before.Start.RunId} has no step {step}", "a step of its plan", null,
                    NearestName.Of(step, before.Plan.Tasks.Select(t => t.StepId)) is { } near
                        ? $"did you mean {near}?" : null));
            }
            roots.Add(Top(before, index));
        }
        if (from.IsEmpty)
        {
            roots.UnionWith(Tops(before, t => Broke(before, t)));
        }
        if (from.IsEmpty && roots.Count == 0 && before.Status == RunStatus.Cancelled)
        {
            // it was cancelled between two steps: what it passed over for that is asked again
            roots.UnionWith(Tops(before, t => before.Tasks[t.Index].Status == TaskStatus.Skipped));
        }
        return roots.Count > 0
            ? new RetryResult(Reused(before, started, roots), null)
            : new RetryResult([], new AegisError("AEGIS5061",
                $"no step of run {before.Start.RunId} failed", "a step to begin with", null,
                "name one in from"));
    }

    private static ImmutableArray<TaskReused> Reused(RunState before, RunStarted started, HashSet<int> roots)
    {
        // as the tasks will see it: nothing is stopping, and the inputs are the new ones
        var now = before with
        {
            Status = RunStatus.Running,
            Start = before.Start with { Inputs = started.Inputs, Context = started.Context },
        };
        var edited = !Same(before.Start.Inputs, started.Inputs)
            || !Same(before.Start.Context, started.Context);
        var runs = new HashSet<int>();
        var reused = ImmutableArray.CreateBuilder<TaskReused>();
        foreach (var task in before.Plan.Tasks.Where(t => t.Member is null))
        {
            var state = before.Tasks[task.Index];
            // the verdict of an audit is the other run's; this one needs its own
            if (roots.Contains(task.Index) || before.Audits.StandsAt(task.StepId)
                || task.Needs.Any(runs.Contains) || !Holds(now, task, state)
                || (edited && TaskQuestion.Of(before, task) != TaskQuestion.Of(now, task)))
            {
                runs.Add(task.Index);
                continue;
            }
            reused.Add(new TaskReused(task.StepId, before.Start.RunId, state.Outcome!, state.Output,
                state.Outputs, state.ExitCode, state.Error, Layers(before, task.Index)));
        }
        return reused.ToImmutable();
    }

    /// <summary>Whether a task came to something that can be taken over.</summary>
    private static bool Holds(RunState now, PlanTask task, TaskState state) => state.Status switch
    {
        TaskStatus.Succeeded => true,
        TaskStatus.Failed => task.ContinueOnError,
        // one that was passed over because its run stopped is not passed over for good
        TaskStatus.Skipped => !Asks(now, task),
        _ => false,
    };

    private static bool Asks(RunState now, PlanTask task) => task.If is null
        ? !now.Tasks[task.Index].AboveFailed
        : Condition.Evaluate(task.If, new RunExpressionContext(now, task)) is not { Value: false };

    private static IEnumerable<int> Tops(RunState before, Func<PlanTask, bool> which) =>
        before.Plan.Tasks.Where(t => t.Member is null && which(t)).Select(t => t.Index);

    private static bool Broke(RunState before, PlanTask task) => before.Tasks[task.Index] switch
    {
        { Status: TaskStatus.Failed } => !task.ContinueOnError,
        { Status: TaskStatus.Succeeded or TaskStatus.Skipped } => false,
        _ => true,
    };

    private static ImmutableArray<string>? Layers(RunState before, int index)
    {
        ImmutableArray<string> layers = [.. before.Graph.WithMembers(index)
            .SelectMany(i => LayersOf(before.Tasks[i]))];
        return layers.IsEmpty ? null : layers;
    }

    /// <summary>The files that a task left, whichever run it ran in.</summary>
    public static ImmutableArray<string> LayersOf(TaskState state) =>
        state.Reused?.Layers ?? (state.Layer is { } layer ? [layer] : []);

    private static int Top(RunState before, int index)
    {
        while (before.Plan.Tasks[index].Member is { } member)
        {
            index = member.Group;
        }
        return index;
    }

    private static bool Same(JsonElement? a, JsonElement? b) =>
        a is { } x && b is { } y ? JsonElement.DeepEquals(x, y) : a is null && b is null;
}

/// <param name="Error">Why there is nothing to retry.</param>
public sealed record RetryResult(ImmutableArray<TaskReused> Reused, AegisError? Error);
