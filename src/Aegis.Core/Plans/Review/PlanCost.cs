using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Plans.Review;

/// <summary>What a run of a plan costs, and why it may not begin.</summary>
/// <param name="Steps">By the index of the task, of all its tries, items and iterations.</param>
/// <param name="Total">Before the cap.</param>
/// <param name="Errors">By the index of the task.</param>
public sealed record PlanCost(ImmutableArray<CostBound> Steps, CostBound Total,
    ImmutableArray<(int Task, AegisError Error)> Errors)
{
    internal const string OverCap = "AEGIS1181";

    // what they add is known to the run alone
    private static readonly ImmutableHashSet<string> Growing = ["plan.extend", "workflow.run"];

    public static PlanCost Of(Plan plan, ToolFacts tools, ModelSight models)
    {
        var errors = ImmutableArray.CreateBuilder<(int, AegisError)>();
        var steps = ImmutableArray.CreateBuilder<CostBound>(plan.Tasks.Length);
        foreach (var task in plan.Tasks)
        {
            var cost = CostBound.Nothing;
            if (tools.Find(task.Tool)?.CallsModel == true)
            {
                (cost, var error) = OfCalls(task, models);
                if (error is not null && plan.Policy.MaxCostUsd is not null)
                {
                    errors.Add((task.Index, error));
                }
            }
            else if (Growing.Contains(task.Tool))
            {
                cost = new CostBound(0, null, [$"{task.StepId}: what it adds is known when it runs"]);
            }
            steps.Add(cost);
        }
        var total = Sum(steps);
        if (plan.Policy.MaxCostUsd is { } cap && total.Least > cap)
        {
            errors.Add((0, new AegisError(OverCap, "the run costs more than its cap, even at its cheapest",
                $"at most {cap} USD", $"{total.Least} USD", "raise policy.max_cost_usd, or ask for less")));
        }
        return new PlanCost(steps.MoveToImmutable(), total, errors.ToImmutable());
    }

    private static (CostBound Cost, AegisError? Error) OfCalls(PlanTask task, ModelSight models)
    {
        var (one, error) = ModelCost.OfOne(task, models);
        var times = TaskCount.Of(task);
        return (one.Times(task.If is null ? times.Least : 0, times.Most * (task.Retry.Max + 1)), error);
    }

    private static CostBound Sum(IEnumerable<CostBound> costs)
    {
        var priced = costs.Where(c => c.Most != 0 || c.Why.Count > 0).ToList();
        return new CostBound(priced.Sum(c => c.Least),
            priced.Exists(c => c.Most is null) ? null : priced.Sum(c => c.Most!.Value),
            [.. priced.SelectMany(c => c.Why)]);
    }
}
