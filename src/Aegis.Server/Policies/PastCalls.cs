using System.Text.Json;
using Aegis.Core.Policy;
using Aegis.Core.Runs.Events;

namespace Aegis.Server.Policies;

/// <summary>A call as the ledger has it.</summary>
/// <param name="Input">Null where it was too large for the event.</param>
/// <param name="GrantedRule">The rules that a human had let pass for it.</param>
internal sealed record PastCall(string StepId, int Attempt, string Tool, JsonElement? Input, Decision Was,
    string? GrantedRule);

/// <summary>Puts a run's facts together to calls: an attempt, and what the gate said of it.</summary>
internal sealed class PastCalls
{
    private readonly Dictionary<string, TaskStarted> begun = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> granted = new(StringComparer.Ordinal);

    /// <summary>The call that this fact says the decision of, or null.</summary>
    public PastCall? Decided(RunEvent fact)
    {
        switch (fact)
        {
            case TaskStarted e:
                begun[e.StepId] = e;
                return null;
            case ApprovalRequested { Rule: { } rule } e:
                asked[e.StepId] = rule;
                return Of(e.StepId, Decision.Ask);
            case ApprovalGranted e when asked.Remove(e.StepId, out var rule):
                granted[e.StepId] = rule;
                return null;
            // the moment refused it, and no rule
            case ToolDenied { Error.Code: "AEGIS2503" or "AEGIS2508" or "AEGIS2375" } e:
                begun.Remove(e.StepId);
                return null;
            case ToolDenied { Within: not null } or ToolReturned { Within: not null }:
                return null;
            case ToolDenied e:
                return Of(e.StepId, Decision.Deny);
            case ToolReturned e:
                return Of(e.StepId, Decision.Allow);
            default:
                return null;
        }
    }

    private PastCall? Of(string step, Decision was) => begun.Remove(step, out var e)
        ? new PastCall(step, e.Attempt, e.Tool, e.Input, was,
            was == Decision.Allow ? granted.GetValueOrDefault(step) : null)
        : null;
}
