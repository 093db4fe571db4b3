using System.Collections.Immutable;

namespace Aegis.Core.Plans;

/// <summary>The checkout that a run with a repository begins with.</summary>
public static class PlanCheckout
{
    public const string StepId = "checkout";
    public const string Tool = "git.clone";

    extension(Plan plan)
    {
        /// <summary>The plan with an implicit task 0 that every task without needs now needs. A workflow that
        /// checks out by itself (a step called checkout, or one that uses git.clone) is returned as it
        /// is.</summary>
        public Plan WithCheckout()
        {
            if (plan.Tasks.Any(t => t.Tool == Tool
                || string.Equals(t.StepId, StepId, StringComparison.OrdinalIgnoreCase)))
            {
                return plan;
            }
            var checkout = new PlanTask(0, StepId, Tool, NodeJson.Empty, true, null, [], RetrySpec.None,
                null, false, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal), 0);
            return plan with { Tasks = [checkout, .. plan.Tasks.Select(Shift)] };
        }
    }

    private static PlanTask Shift(PlanTask task) => task with
    {
        Index = task.Index + 1,
        Needs = task.Needs.IsEmpty ? [0] : [.. task.Needs.Select(n => n + 1)],
    };
}
