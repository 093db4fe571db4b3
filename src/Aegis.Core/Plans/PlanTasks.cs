using System.Collections.Immutable;
using Aegis.Core.Expressions;

namespace Aegis.Core.Plans;

/// <summary>Ordered steps as tasks.</summary>
internal static class PlanTasks
{
    /// <param name="first">The index of the first of them in its plan.</param>
    public static ImmutableArray<PlanTask> Of(ImmutableArray<StepDraft> steps, TaskOrder order, int first)
    {
        var indexOf = new int[steps.Length];
        for (var i = 0; i < order.Order.Length; i++)
        {
            indexOf[order.Order[i]] = first + i;
        }
        var tasks = ImmutableArray.CreateBuilder<PlanTask>(order.Order.Length);
        foreach (var position in order.Order)
        {
            var needs = ImmutableArray.CreateBuilder<int>();
            foreach (var need in order.NeedsOf(position))
            {
                needs.Add(indexOf[need]);
            }
            needs.Sort();
            tasks.Add(Task(steps[position], first + tasks.Count, needs.ToImmutable()));
        }
        return tasks.ToImmutable();
    }

    private static PlanTask Task(StepDraft step, int index, ImmutableArray<int> needs)
    {
        var with = step.With is null ? NodeJson.Empty
            : ItemNames.Lengthened(NodeJson.Of(step.With), step.Options.Foreach);
        var task = new PlanTask(index, step.Id, step.Tool, with,
            !Template.HasExpressions(with) && !step.Env.HasExpressions, step.If?.Text, needs, step.Retry,
            step.Timeout, step.ContinueOnError, step.Env.Values, step.Node.Line)
        {
            Options = step.Options,
        };
        return task with { Hashes = HashCalls.UseOf(task) };
    }
}
