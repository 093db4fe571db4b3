using System.Text.Json;

namespace Aegis.Core.Runs.Children;

/// <summary>The run that a step asks for: of a registered workflow of the same project.</summary>
/// <param name="Inputs">A JSON object of the workflow's inputs.</param>
/// <param name="Repository">A repository of the project; null for the parent's at its very commit, or else
/// the registered workflow's.</param>
/// <param name="Ref">A branch of it; null for the default one.</param>
public sealed record ChildRequest(string Workflow, JsonElement? Inputs = null, string? Repository = null,
    string? Ref = null);

/// <summary>The run that a task stands on.</summary>
/// <param name="CostUsd">What it is known to have cost; counted in the parent's own cost.</param>
public sealed record ChildRun(string RunId, ChildRequest Request, decimal CostUsd = 0);

/// <summary>How a child ended.</summary>
/// <param name="Status">succeeded, failed, cancelled, or refused where it never began.</param>
/// <param name="CostUsd">What it cost in all.</param>
/// <param name="Reason">Why it did not succeed, for a person.</param>
/// <param name="Refusal">Why it never began.</param>
/// <param name="FailedWith">The code of the error with which its step failed.</param>
public sealed record ChildResult(string Status, JsonElement? Outputs = null, decimal CostUsd = 0,
    string? Reason = null, Errors.AegisError? Refusal = null, Audits.RunAudits? Audits = null,
    string? FailedWith = null);
