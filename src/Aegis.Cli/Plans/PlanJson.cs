using System.Text.Json;
using System.Text.Json.Serialization;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Drawing;
using Aegis.Core.Plans.Review;
using Aegis.Core.Policy;

namespace Aegis.Cli.Plans;

/// <summary>A reviewed plan for a program: <c>aegis plan FILE --json</c>. docs/cli.md names the
/// members.</summary>
internal sealed record PlanShape(string Name, string WorkflowHash, IReadOnlyList<string> On,
    IReadOnlyList<InputShape> Inputs, PolicyShape Policy, IReadOnlyList<string> Scopes,
    IReadOnlyList<StepShape> Steps, IReadOnlyList<EdgeShape> Edges,
        IReadOnlyList<IReadOnlyList<string>> Layers,
    CostShape Cost, IReadOnlyList<string> Denied, IReadOnlyList<string> Asking)
{
    public static PlanShape Of(PlanReview review, JsonElement? inputs)
    {
        var plan = review.Plan;
        var layer = PlanLayers.Of(plan);
        return new PlanShape(plan.Name, plan.WorkflowHash, [.. plan.On.Select(t => t.Name)],
            [.. plan.Inputs.Select(i => InputShape.Of(i, inputs))],
            new PolicyShape(plan.Policy.AllowCommands, plan.Policy.EgressAllow, plan.Policy.MaxCostUsd,
                (long?)plan.Policy.MaxTime?.TotalMilliseconds),
            [.. review.Steps.Select(s => s.Fact?.Scope).OfType<string>().Distinct().Order()],
            [.. review.Steps.Select(s => StepShape.Of(plan, s, layer[s.Task.Index]))],
            [.. plan.Tasks.SelectMany(t => t.Needs.Select(n => new EdgeShape(plan.Tasks[n].StepId,
                t.StepId)))],
            [.. plan.Tasks.GroupBy(t => layer[t.Index]).OrderBy(g => g.Key)
                .Select(IReadOnlyList<string> (g) => [.. g.Select(t => t.StepId)])],
            new CostShape(review.Cost.Least, review.Cost.Most, plan.Policy.MaxCostUsd, review.MostUsd,
                review.Cost.Why),
            Of(review, Decision.Deny), Of(review, Decision.Ask));
    }

    private static List<string> Of(PlanReview review, Decision decision) =>
        [.. review.Steps.Where(s => s.Decision == decision).Select(s => s.Task.StepId)];
}

internal sealed record InputShape(string Name, string Type, bool Required, JsonElement? Value)
{
    public static InputShape Of(InputSpec input, JsonElement? bound) => new(input.Name,
        input.Type.ToString().ToLowerInvariant(), input.Required,
        bound is { } all && all.TryGetProperty(input.Name, out var value) ? value : input.Default);
}

internal sealed record PolicyShape(IReadOnlyList<string> AllowCommands, IReadOnlyList<string> EgressAllow,
    decimal? MaxCostUsd, long? MaxTimeMs);

internal sealed record EdgeShape(string From, string To);

/// <param name="MinUsd">Of a run that succeeds at once.</param>
/// <param name="MaxUsd">Of the plan alone; null where nothing bounds it.</param>
/// <param name="BoundUsd">With the cap; null where nothing bounds it.</param>
internal sealed record CostShape(decimal MinUsd, decimal? MaxUsd, decimal? CapUsd, decimal? BoundUsd,
    IReadOnlyList<string> Why);

internal sealed record StepShape(string Id, string Uses, string? Scope, string? Effect,
    IReadOnlyList<string> Needs, int Layer, int Line, string? If, long? TimeoutMs, int Retries, bool Approval,
    IReadOnlyList<string> Locks, CountShape Calls, string? Command, string? Host,
    VerdictShape Verdict, decimal MinUsd, decimal? MaxUsd)
{
    public static StepShape Of(Plan plan, StepReview step, int layer)
    {
        var task = step.Task;
        return new StepShape(task.StepId, task.Tool, step.Fact?.Scope, step.Fact?.Effect,
            [.. task.Needs.Select(n => plan.Tasks[n].StepId)], layer, task.Line, task.If,
            (long?)task.Timeout?.TotalMilliseconds, task.Retry.Max, task.Options.Approve is not null,
            task.Options.Locks, new CountShape(step.Times.Least, step.Times.Most, step.Times.IsKnown),
            step.Arguments.Line, step.Arguments.Address, VerdictShape.Of(step), step.Cost.Least,
            step.Cost.Most);
    }
}

internal sealed record CountShape(int Min, int Max, bool Known);

/// <param name="Decision">allow, ask, deny, or later: judged when the step starts.</param>
/// <param name="Rules">Those that decide.</param>
/// <param name="Later">Rules that look at what is not known yet.</param>
internal sealed record VerdictShape(string Decision, IReadOnlyList<string> Rules, string? Code,
    string? Message, IReadOnlyList<string> Later)
{
    public static VerdictShape Of(StepReview step) => step.ToolRefusal is { } refusal
        ? new VerdictShape("deny", ["tools_allowed"], refusal.Code, refusal.Message, [])
        : new VerdictShape(step.Decision?.ToString().ToLowerInvariant() ?? "later",
            step.Arguments.Verdict?.Deciding ?? [], step.Arguments.Verdict?.Error?.Code,
            step.Arguments.Verdict?.Error?.Message, step.Arguments.Later);
}

[JsonSerializable(typeof(PlanShape))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class PlanJson : JsonSerializerContext;
