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
    /// <summary>What a run can cost at most: the cap holds even where the plan has no bound.</summary>
    public decimal? MostUsd => (Cost.Most, Plan.Policy.MaxCostUsd) is ({ } most, { } cap)
        ? Math.Min(most, cap) : Cost.Most ?? Plan.Policy.MaxCostUsd;

    public static PlanReview Of(Plan plan, ToolFacts tools, ModelSight models)
    {
        var cost = PlanCost.Of(plan, tools, models);
        return new PlanReview(plan,
        [
            .. plan.Tasks.Select(task =>
            {
                var fact = tools.Find(task.Tool);
                return new StepReview(task, fact, TaskCount.Of(task), Commands(plan, task, fact),
                    Host(plan, task, fact), cost.Steps[task.Index]);
            }),
        ], cost.Total, cost.Errors);
    }

    private static CommandReview? Commands(Plan plan, PlanTask task, ToolFact? fact)
    {
        if (Text(task, fact?.CommandInput) is not { } line)
        {
            return null;
        }
        var constant = !Template.HasExpressions(
            JsonSerializer.SerializeToElement(new Dictionary<string,
                string> { [fact!.CommandInput!] = line }));
        return new CommandReview(line, constant ? CommandPolicy.Evaluate(plan.Policy.AllowCommands, line)
            : null);
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
