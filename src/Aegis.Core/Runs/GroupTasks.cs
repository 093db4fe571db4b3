using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;

namespace Aegis.Core.Runs;

/// <summary>The tasks that a group's step stands for, made from the step and the fact alone, so that a replay
/// makes the same ones.</summary>
internal static class GroupTasks
{
    public static ImmutableArray<PlanTask> OfItems(RunState run, int group, JsonElement items) =>
        [.. items.EnumerateArray().Select((item, i) => Member(run, group, i, i, item))];

    /// <summary>The next time of a repeat, or the next turn of an agent.</summary>
    public static PlanTask OfIteration(RunState run, int group, int number)
    {
        var (step, task) = (run.Plan.Tasks[group], Member(run, group, 0, number, null));
        return step.Options.Repeat is not null ? task
            : task with { Options = step.Options.ForTurn, Member = task.Member! with { Turn = true } };
    }

    public static ImmutableArray<PlanTask> Added(RunState run, int group, JsonElement steps) =>
        StepsFragment.Compile(run.Graph, group, steps, run.UntrustedInputs) is { Ok: true } ok
            ? ok.Tasks
            : throw new InvariantViolationException("added steps do not compile any more");

    private static PlanTask Member(RunState run, int group, int offset, int number, JsonElement? item)
    {
        var step = run.Plan.Tasks[group];
        return step with
        {
            Index = run.Plan.Tasks.Length + offset,
            StepId = step.StepId + "." + number.ToString(CultureInfo.InvariantCulture),
            If = null,
            Needs = [],
            // whether the others go on after one failed is the step's question, not the item's
            ContinueOnError = false,
            Options = step.Options.ForChild,
            Member = new GroupMember(group, number, item),
        };
    }
}
