using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;

namespace Aegis.Core.Plans.Review;

/// <summary>What a run of a plan may do and cost, as far as that is known before it runs.</summary>
/// <param name="Cost">Of the whole run, before its cap.</param>
/// <param name="Errors">What no run may begin with, by the index of the task.</param>
public sealed record PlanReview(Plan Plan, ImmutableArray<StepReview> Steps, CostBound Cost,
    ImmutableArray<(int Task, AegisError Error)> Errors)
{
    /// <summary>What a run can cost at most: the cap holds even where the plan has no bound.</summary>
    public decimal? MostUsd => (Cost.Most, Plan.Policy.MaxCostUsd) is ({ } most, { } cap)
        ? Math.Min(most, cap) : Cost.Most ?? Plan.Policy.MaxCostUsd;

    /// <param name="tiers">Of the tenant and the key that will run it, where they are known.</param>
    public static PlanReview Of(
        Plan plan, ToolFacts tools, ModelSight models, ImmutableArray<TierGrant> tiers)
    {
        var cost = PlanCost.Of(plan, tools, models);
        var policies = models.Profile?.Policies ?? ProfilePolicies.Empty;
        return new PlanReview(plan,
        [
            .. plan.Tasks.Select(task =>
            {
                var fact = tools.Find(task.Tool);
                return new StepReview(task, fact, TaskCount.Of(task),
                    ToolsAllowed.Refusal(policies.ToolsAllowed, task.Tool),
                    ArgumentReview.Of(plan, task, fact, policies, tiers), cost.Steps[task.Index]);
            }),
        ], cost.Total, cost.Errors);
    }
}

/// <param name="Fact">Null where nobody knows the tool.</param>
/// <param name="ToolRefusal">Why the profile does not let the tool be called; null where it does.</param>
/// <param name="Cost">Of all its tries, items and iterations.</param>
public sealed record StepReview(PlanTask Task, ToolFact? Fact, TaskCount Times, AegisError? ToolRefusal,
    ArgumentReview Arguments, CostBound Cost)
{
    /// <summary>What the gate would decide on it as it stands; null where that is not known yet.</summary>
    public Decision? Decision => ToolRefusal is not null ? Policy.Decision.Deny
        : Arguments.Verdict?.Decision;
}

/// <summary>How often a step's tool is called, tries not counted.</summary>
/// <param name="IsKnown">False where an expression says how many items there are.</param>
public readonly record struct TaskCount(int Least, int Most, bool IsKnown)
{
    public static TaskCount Of(PlanTask task)
    {
        if (task.Options.Repeat is { } repeat)
        {
            return new TaskCount(1, repeat.Max, true);
        }
        return task.Options.Foreach is not { } each ? new TaskCount(1, 1, true)
            : each.Items.ValueKind == JsonValueKind.Array
                ? new TaskCount(each.Items.GetArrayLength(), each.Items.GetArrayLength(), true)
                : new TaskCount(0, WorkflowLimits.StepsMax, false);
    }
}
