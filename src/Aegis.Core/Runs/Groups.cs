using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs;

/// <summary>
/// Steps that stand for several tasks: a foreach, a repeat, a step that added tasks. The step is expanded
/// while they run and ends with them; steps that need it wait for all of them. Rejected: a run of its own for
/// each group, which would hide its tasks from the run's budget, slots and picture.
/// </summary>
internal static class Groups
{
    /// <summary>Tasks of a run, added ones included.</summary>
    public const int TasksMax = WorkflowLimits.StepsMax;

    /// <summary>What the items of a foreach left, together.</summary>
    public const int OutputsBytesMax = 1024 * 1024;

    /// <summary>Evolve: the run with the group's tasks at the end of its plan.</summary>
    public static RunState Grow(RunState run, string stepId, DateTimeOffset at,
        Func<int, ImmutableArray<PlanTask>> make, DateTimeOffset? notBefore = null)
    {
        var group = run.Graph.IndexOf(stepId)
            ?? throw new InvariantViolationException($"plan {run.Start.PlanId} has no step {stepId}");
        var more = make(group);
        var expanded = RunFold.Change(run, stepId, at, t => t with
        {
            Status = TaskStatus.Expanded,
            Attempt = Math.Max(1, t.Attempt),
            StartedAt = t.StartedAt ?? at,
            OpenMembers = t.OpenMembers + more.Length,
        });
        return expanded with
        {
            Graph = run.Graph.Grow(more),
            Tasks = expanded.Tasks.Grow(more.Select(t => Begun(expanded, t, at, notBefore))),
            OpenTasks = run.OpenTasks + more.Length,
        };
    }

    /// <summary>Decides the items of a foreach; what can begin is handed on.</summary>
    public static ImmutableArray<int> Expand(Decision d, int group)
    {
        var task = d.State.Plan.Tasks[group];
        var rendered = Template.Render(task.Options.Foreach!.Items,
            new RunExpressionContext(d.State, task));
        if (Items(d.State, rendered) is not { } items)
        {
            return Progress.Fail(d, group, rendered.Error ?? NoItems(d.State, rendered.Value!.Value));
        }
        d.Emit(new ForeachExpanded(task.StepId, items));
        Progress.WatchSla(d, group);
        return items.GetArrayLength() == 0 ? End(d, group) : Released(d.State, group);
    }

    public static ImmutableArray<int> BeginRepeat(Decision d, int group)
    {
        d.Emit(new RepeatContinued(d.State.Plan.Tasks[group].StepId, 0, null));
        Progress.WatchSla(d, group);
        return d.State.Graph.Members(group);
    }

    /// <summary>Looks at a group of which a task has ended; what can begin now is handed on.</summary>
    public static ImmutableArray<int> AfterMember(Decision d, int group)
    {
        var (task, state) = (d.State.Plan.Tasks[group], d.State.Tasks[group]);
        if (state.Status != TaskStatus.Expanded)
        {
            return [];
        }
        if (AgentTurns.IsLoop(d.State, group) && d.State.Status == RunStatus.Running
            && state is { MemberFailed: false, OpenMembers: 0 })
        {
            return AgentTurns.AfterTurn(d, group);
        }
        if (task.Options.Repeat is { } repeat && d.State.Status == RunStatus.Running && !state.MemberFailed)
        {
            return AfterIteration(d, group, repeat);
        }
        if (task.Options.Foreach is not null && state.MemberFailed && !task.ContinueOnError)
        {
            SkipRest(d, group);
        }
        return d.State.Tasks[group].OpenMembers == 0 ? End(d, group) : NewlyReleased(d.State, group);
    }

    /// <summary>Tasks of the group that may begin and have not: all but those of a foreach past its
    /// parallel.</summary>
    public static ImmutableArray<int> Released(RunState run, int group)
    {
        var members = run.Graph.Members(group);
        return [.. members.Take(Window(run, group)).Where(m => run.Tasks[m].Status == TaskStatus.Ready)];
    }

    private static ImmutableArray<int> NewlyReleased(RunState run, int group)
    {
        var members = run.Graph.Members(group);
        var last = Window(run, group) - 1;
        return run.Plan.Tasks[group].Options.Foreach?.Parallel is not null && last < members.Length
            && run.Tasks[members[last]].Status == TaskStatus.Ready ? [members[last]] : [];
    }

    private static int Window(RunState run, int group)
    {
        var count = run.Graph.Members(group).Length;
        var ended = count - run.Tasks[group].OpenMembers;
        return run.Plan.Tasks[group].Options.Foreach?.Parallel is { } parallel ? parallel + ended : count;
    }

    private static ImmutableArray<int> AfterIteration(Decision d, int group, RepeatSpec repeat)
    {
        var task = d.State.Plan.Tasks[group];
        var last = d.State.Graph.Members(group)[^1];
        var result = d.State.Tasks[last];
        var context = new RunExpressionContext(
            d.State, d.State.Plan.Tasks[last], new SelfResult(group, result));
        var met = Condition.EvaluateBare(repeat.Until, context);
        if (met.Error is not null)
        {
            return Progress.Fail(d, group, met.Error);
        }
        if (met.Value == true)
        {
            d.Emit(new TaskCompleted(task.StepId, 1, result.Output, result.Outputs, null));
            return Progress.Followers(d, group);
        }
        var done = d.State.Plan.Tasks[last].Member!.Number + 1;
        if (done >= repeat.Max)
        {
            return Progress.Fail(d, group, new AegisError("AEGIS5031",
                $"repeat.until was not met in {done} iterations", repeat.Until, null,
                "raise repeat.max, or look at what the iterations left"));
        }
        var notBefore = repeat.Delay > TimeSpan.Zero ? d.At + repeat.Delay : (DateTimeOffset?)null;
        d.Emit(new RepeatContinued(task.StepId, done, notBefore));
        var next = d.State.Graph.Members(group)[^1];
        if (notBefore is { } due)
        {
            d.Then(new RunEffect.WakeAt(next, due));
        }
        return [next];
    }

    private static ImmutableArray<int> End(Decision d, int group)
    {
        var (task, state) = (d.State.Plan.Tasks[group], d.State.Tasks[group]);
        if (d.State.Status == RunStatus.Stopping)
        {
            d.Emit(new TaskCancelled(task.StepId, 1));
        }
        else if (state.MemberFailed)
        {
            d.Emit(new TaskFailed(task.StepId, 1, FirstFailure(d.State, group), null,
                !task.ContinueOnError ? null
                : task.Options.Foreach is not null ? OutputsOf(d.State, group)
                : AddedSteps.Are(d.State, group) ? AddedSteps.Results(d.State, group) : null));
            Replans.Ask(d, group, "a task of it failed");
        }
        else if (task.Options.Foreach is null)
        {
            d.Emit(new TaskCompleted(task.StepId, state.Attempt, state.Output, state.Outputs, state.Layer));
        }
        else if (OutputsOf(d.State, group) is { } outputs)
        {
            d.Emit(new TaskCompleted(task.StepId, 1, null, outputs, null));
        }
        else
        {
            return Progress.Fail(d, group, new AegisError("AEGIS5032",
                $"the items of {task.StepId} left more than can be kept",
                $"at most {OutputsBytesMax} bytes of outputs", null, "leave large results in files"));
        }
        return Progress.Followers(d, group);
    }

    private static void SkipRest(Decision d, int group)
    {
        foreach (var member in d.State.Graph.Members(group))
        {
            if (d.State.Tasks[member].Status is TaskStatus.Ready or TaskStatus.RetryWait)
            {
                d.Emit(new TaskSkipped(d.State.Plan.Tasks[member].StepId, "another item failed"));
                TaskLocks.Release(d, member);
            }
        }
    }

    private static AegisError FirstFailure(RunState run, int group)
    {
        foreach (var member in run.Graph.Members(group))
        {
            if (run.Tasks[member] is { Status: TaskStatus.Failed, Error: { } error })
            {
                return error with { Message = $"{run.Plan.Tasks[member].StepId}: {error.Message}" };
            }
        }
        return new AegisError("AEGIS5030", $"a task of {run.Plan.Tasks[group].StepId} failed");
    }

    /// <summary>What each item left, in their order, null for one that left nothing; null where it is more
    /// than can be kept.</summary>
    private static JsonElement? OutputsOf(RunState run, int group)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        foreach (var member in run.Graph.Members(group))
        {
            if (run.Tasks[member].Outputs is { } outputs)
            {
                outputs.WriteTo(writer);
            }
            else
            {
                writer.WriteNullValue();
            }
            if (writer.BytesCommitted + writer.BytesPending > OutputsBytesMax)
            {
                return null;
            }
        }
        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenCount > OutputsBytesMax ? null : JsonElement.Parse(buffer.WrittenSpan);
    }

    private static TaskState Begun(RunState run, PlanTask task, DateTimeOffset at, DateTimeOffset? notBefore)
    {
        var known = task.Needs.Where(n => n < run.Tasks.Count && run.Tasks[n].Ended).ToList();
        var open = task.Needs.Length - known.Count;
        return new TaskState(
            open > 0 ? TaskStatus.Waiting : notBefore is null ? TaskStatus.Ready : TaskStatus.RetryWait, open,
            AboveFailed: known.Any(n => run.Tasks[n].AboveFailed
                || (run.Tasks[n].Status == TaskStatus.Failed && !run.Plan.Tasks[n].ContinueOnError)),
            NotBefore: notBefore, ChangedAt: at);
    }

    private static JsonElement? Items(RunState run, RenderResult rendered) =>
        rendered.Value is { ValueKind: JsonValueKind.Array } items
        && items.GetArrayLength() <= TasksMax - run.Tasks.Count ? items : null;

    private static AegisError NoItems(RunState run, JsonElement got) =>
        got.ValueKind != JsonValueKind.Array
            ? new AegisError("AEGIS5033", "foreach.items is no array", "an array",
                got.ValueKind.ToString().ToLowerInvariant(), "wrap text in fromJSON(…)")
            : new AegisError("AEGIS5034", "foreach has too many items",
                $"at most {TasksMax - run.Tasks.Count} more tasks in this run",
                got.GetArrayLength().ToString(CultureInfo.InvariantCulture), "split them over several runs");
}
