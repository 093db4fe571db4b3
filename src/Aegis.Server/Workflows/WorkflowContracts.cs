using System.Text.Json;
using Aegis.Core.Plans.Triggers;
using Aegis.Ledger.Triggers;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Workflows;

/// <summary>A workflow's text, and the repository that runs without a caller work on.</summary>
public sealed record PutWorkflowRequest : DoorRequest
{
    public required string Workflow { get; init; }

    [Chars(1, DoorLimits.FileNameCharsMax)]
    public string? FileName { get; init; }

    [Id]
    public string? Repository { get; init; }

    [Chars(1, DoorLimits.FileNameCharsMax)]
    public string? Ref { get; init; }
}

public sealed record WorkflowAnswer(string Name, string PlanId, string WorkflowHash, bool Enabled,
    string Actor,
    IReadOnlyList<string> Scopes, JsonElement Triggers, string? Repository, string? Ref,
        DateTimeOffset UpdatedAt)
{
    public static WorkflowAnswer Of(RegisteredWorkflow w) => new(w.Name, w.PlanId, w.WorkflowHash, w.Enabled,
        w.Actor, w.Scopes, JsonElement.Parse(TriggerJson.Write(w.Triggers)), w.Repository, w.Ref,
            w.UpdatedAt);
}

/// <param name="Starts">The newest starts that a trigger caused, refused ones included.</param>
public sealed record WorkflowDetailAnswer(WorkflowAnswer Workflow, IReadOnlyList<StartAnswer> Starts);

public sealed record StartAnswer(string RunId, string Cause, string Status, string? Error,
    DateTimeOffset CreatedAt)
{
    public static StartAnswer Of(StartListing s) => new(s.RunId, s.Cause, s.Status, s.Error, s.CreatedAt);
}
