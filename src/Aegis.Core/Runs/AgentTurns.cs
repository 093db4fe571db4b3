using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs;

/// <summary>
/// A step that is an agent's loop: its turns are tasks of its own, one after the other, so that a turn that
/// ended never runs again and its files are sealed. The turn's tool says by <c>outputs.done</c> whether
/// another one follows, and fails where a cap was reached. Rejected: the loop within one task, whose death in
/// turn 37 would throw 36 turns' files away.
/// </summary>
internal static class AgentTurns
{
    /// <summary>Turns of one loop, whatever its agent may.</summary>
    public const int TurnsMax = 1_000;

    public static bool IsLoop(RunState run, int group) =>
        run.Graph.Members(group) is { IsEmpty: false } members
        && run.Plan.Tasks[members[0]].Member is { Turn: true };

    /// <summary>Begins the loop, or leaves it to begin when another agent of the run has ended.</summary>
    public static ImmutableArray<int> Begin(Decision d, int group)
    {
        if (Working(d.State) >= d.State.Plan.Policy.AgentsUnder(d.State.Start.MaxAgents))
        {
            return [];
        }
        d.Emit(new RepeatContinued(d.State.Plan.Tasks[group].StepId, 0, null));
        Progress.WatchSla(d, group);
        return d.State.Graph.Members(group);
    }

    /// <summary>Agents that waited for the one that has ended.</summary>
    public static ImmutableArray<int> Waiting(Decision d, int ended) => !IsLoop(d.State, ended) ? []
        : [.. d.State.Plan.Tasks.Where(t => d.State.Tasks[t.Index].Status == TaskStatus.Ready
            && t.Member is not { Turn: true } && t.Options.Foreach is null && t.Options.Repeat is null
            && d.Rules.Traits(t.Tool) is { Turns: true } && MayBegin(d.State, t)).Select(t => t.Index)];

    /// <summary>After a turn that did not fail: the loop's end, or the next turn.</summary>
    public static ImmutableArray<int> AfterTurn(Decision d, int group)
    {
        var (task, last) = (d.State.Plan.Tasks[group], d.State.Graph.Members(group)[^1]);
        var (result, done) = (d.State.Tasks[last], d.State.Plan.Tasks[last].Member!.Number + 1);
        if (result.Status != TaskStatus.Succeeded)
        {
            return Progress.Fail(d, group, new AegisError("AEGIS5030",
                $"a turn of {task.StepId} came to no end"));
        }
        if (IsDone(result.Outputs))
        {
            return End(d, task, result);
        }
        if (done >= TurnsMax || d.State.Plan.Tasks.Length >= Groups.TasksMax)
        {
            return Progress.Fail(d, group, new AegisError("AEGIS2603",
                $"{task.StepId} is not done after {done} turns", $"at most {TurnsMax} turns",
                done.ToString(CultureInfo.InvariantCulture), "give the agent a smaller task"));
        }
        d.Emit(new RepeatContinued(task.StepId, done, null));
        return [d.State.Graph.Members(group)[^1]];
    }

    private static ImmutableArray<int> End(Decision d, PlanTask task, TaskState result)
    {
        var outputs = OutputContract.Evaluate(task.Options.Outputs, result.Outputs,
            new RunExpressionContext(d.State, task, new SelfResult(task.Index, result)));
        if (outputs.Error is { } broken)
        {
            return Progress.Fail(d, task.Index, broken);
        }
        d.Emit(new TaskCompleted(task.StepId, 1, result.Output, outputs.Value, null));
        return Progress.Followers(d, task.Index);
    }

    private static bool IsDone(JsonElement? outputs) =>
        outputs is { ValueKind: JsonValueKind.Object } said
        && said.TryGetProperty("done", out var done) && done.ValueKind == JsonValueKind.True;

    // items of a foreach come as its parallel lets them
    private static bool MayBegin(RunState run, PlanTask task) =>
        task.Member is not { } member || Groups.Released(run, member.Group).Contains(task.Index);

    private static int Working(RunState run) => run.Plan.Tasks.Count(t =>
        t.Member is { Turn: true, Number: 0 } turn && !run.Tasks[turn.Group].Ended);
}
