using System.Text.Json;
using Aegis.Engine;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Runs;

namespace Aegis.Server.Plans;

/// <summary>A workflow's text, or an objective.</summary>
public sealed record CreatePlanRequest : DoorRequest
{
    public string? Workflow { get; init; }

    [Chars(1, DoorLimits.FileNameCharsMax)]
    public string? FileName { get; init; }

    [Chars(1, ObjectivePlan.ObjectiveCharsMax)]
    public string? Objective { get; init; }

    /// <summary>With an objective: the repository that is worked on; a new one where left out.</summary>
    public string? Repository { get; init; }

    public JsonElement? Inputs { get; init; }
}

/// <param name="RunId">Of a plan that was made from an objective: its run has begun.</param>
/// <param name="Repository">Where that run works.</param>
public sealed record PlanAnswer(string PlanId, string Name, string WorkflowHash,
    IReadOnlyList<PlanTaskAnswer> Tasks, DagSummaryAnswer DagSummary, string? RunId = null,
    string? Repository = null)
{
    public static PlanAnswer Of(PlanView plan) => new(plan.PlanId, plan.Name, plan.WorkflowHash,
        [.. plan.Tasks.Select(t => new PlanTaskAnswer(t.StepId, t.Tool, t.Needs))],
        new DagSummaryAnswer(plan.Tasks.Length, plan.Tasks.Sum(t => t.Needs.Length)));
}

public sealed record PlanTaskAnswer(string StepId, string Tool, IReadOnlyList<string> Needs);

public sealed record DagSummaryAnswer(int Tasks, int Edges);

public sealed record PlanDetailAnswer(string PlanId, string Name, string WorkflowHash, int Tasks,
    string? NewestRunId, DateTimeOffset CreatedAt);

/// <param name="Status">The newest run's, or <c>never_run</c>.</param>
/// <param name="Runs">Newest first, the newest one included.</param>
public sealed record PlanStatusAnswer(string PlanId, string Name,
    [property: OneOf("never_run " + RunAnswer.Statuses)] string Status, RunDetailAnswer? Run,
    IReadOnlyList<RunAnswer> Runs);
