using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Policy;

namespace Aegis.Core.Plans.Review;

/// <summary>What a run of a plan may do and cost, as far as that is known before it runs.</summary>
/// <param name="Cost">Of the whole run, before its cap.</param>
/// <param name="Errors">What no run may begin with, by the index of the task.</param>
public sealed record PlanReview(Plan Plan, ImmutableArray<StepReview> Steps, CostBound Cost,
    ImmutableArray<(int Task, AegisError Error)> Errors)
{
    internal const string OverCap = "AEGIS1181";

    // what they add is known to the run alone
    private static readonly ImmutableHashSet<string> Growing = ["plan.extend", "workflow.run"];

    /// <summary>What a run can cost at most: the cap holds even where the plan has no bound.</summary>
    public decimal? MostUsd => (Cost.Most, Plan.Policy.MaxCostUsd) is ({ } most, { } cap)
        ? Math.Min(most, cap) : Cost.Most ?? Plan.Policy.MaxCostUsd;

    public static PlanReview Of(Plan plan, ToolFacts tools, ModelSight models)
    {
        var errors = ImmutableArray.CreateBuilder<(int, AegisError)>();
        var steps = ImmutableArray.CreateBuilder<StepReview>(plan.Tasks.Length);
        var total = CostBound.Nothing;
        foreach (var task in plan.Tasks)
        {
            var fact = tools.Find(task.Tool);
            var times = TaskCount.Of(task);
            var cost = CostBound.Nothing;
            if (fact?.CallsModel == true)
            {
                (cost, var error) = ModelCost.OfOne(task, models);
                if (error is not null && plan.Policy.MaxCostUsd is not null)
                {
                    errors.Add((task.Index, error));
                }
                var tries = times.Most * (task.Retry.Max + 1);
                cost = cost.Times(task.If is null ? times.Least : 0, tries);
            }
            if (Growing.Contains(task.Tool))
            {
                cost = new CostBound(0, null, [$"{task.StepId}: what it adds is known when it runs"]);
            }
            total = total.Plus(cost);
            steps.Add(new StepReview(task, fact, times, Commands(plan, task, fact), Host(plan, task, fact), cost));
        }
        if (plan.Policy.MaxCostUsd is { } cap && total.Least > cap)
        {
            errors.Add((0, new AegisError(OverCap, "the run costs more than its cap, even at its cheapest",
                $"at most {cap} USD", $"{total.Least} USD", "raise policy.max_cost_usd, or ask for less")));
        }
        return new PlanReview(plan, steps.MoveToImmutable(), total, errors.ToImmutable());
    }

    private static CommandReview? Commands(Plan plan, PlanTask task, ToolFact? fact)
    {
        if (Text(task, fact?.CommandInput) is not { } line)
        {
            return null;
        }
        var constant = !Template.HasExpressions(
            JsonSerializer.SerializeToElement(new Dictionary<string, string> { [fact!.CommandInput!] = line }));
        return new CommandReview(line, constant ? CommandPolicy.Evaluate(plan.Policy.AllowCommands, line) : null);
    }

    private static HostReview? Host(Plan plan, PlanTask task, ToolFact? fact)
    {
        if (Text(task, fact?.UrlInput) is not { } url)
        {
            return null;
        }
        if (Template.HasExpressions(url))
        {
            return new HostReview(null, null);
        }
        var (address, error) = EgressTarget.ReadUrl(url);
        return address is null
            ? new HostReview(null, new EgressDecision(null, error))
            : new HostReview(EgressTarget.Of(address).ToString(),
                EgressPolicy.Decide(plan.Policy.EgressAllow, EgressTarget.Of(address)));
    }

    private static string? Text(PlanTask task, string? member) =>
        member is not null && task.With.ValueKind == JsonValueKind.Object
            && task.With.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;
}

/// <param name="Fact">Null where nobody knows the tool.</param>
/// <param name="Commands">Null where the tool takes no command line.</param>
/// <param name="Host">Null where the tool takes no address.</param>
/// <param name="Cost">Of all its tries, items and iterations.</param>
public sealed record StepReview(PlanTask Task, ToolFact? Fact, TaskCount Times, CommandReview? Commands,
    HostReview? Host, CostBound Cost)
{
    /// <summary>The gate would refuse it as it stands.</summary>
    public bool IsDenied => Commands?.Verdict is { Decision: not Decision.Allow }
        || Host?.Verdict is { Rule: null };
}

/// <param name="Verdict">Null where the line holds expressions: it is judged when the step starts.</param>
public sealed record CommandReview(string Line, CommandDecision? Verdict);

/// <param name="Target">Host and port; null where the address is not known yet or is none.</param>
/// <param name="Verdict">Null where the address holds expressions.</param>
public sealed record HostReview(string? Target, EgressDecision? Verdict);

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
