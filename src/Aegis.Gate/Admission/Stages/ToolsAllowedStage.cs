using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Gate.Admission.Stages;

/// <summary>The profile's <c>tools_allowed</c>; nothing where the profile cannot be read.</summary>
internal sealed class ToolsAllowedStage : GateStage
{
    public override string Name => "tools_allowed";

    public override bool ReadsInput => false;

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so)
    {
        if (order.Rules.Broken is { } broken)
        {
            return so.Deny("profile", broken);
        }
        if (order.Principal.ToolsOnly is { } only && !only.Contains(order.Tool))
        {
            return so.Deny("agent", new AegisError("AEGIS2608", $"this agent may not call {order.Tool}",
                only.IsEmpty ? "no tool at all" : string.Join(", ", only.Order(StringComparer.Ordinal)),
                order.Tool, "call one of its tools, or add it to the agent's tools"));
        }
        var allowed = order.Rules.Profile.ToolsAllowed;
        if (ToolsAllowed.Refusal(allowed, order.Tool) is { } refusal)
        {
            return so.Deny("tools_allowed", refusal);
        }
        if (so.Told is not null && ToolsAllowed.Entry(allowed, order.Tool) is { } entry)
        {
            so.Tell(Name, new MatchedRule($"tools_allowed: {entry}", Decision.Allow, order.Tool,
                "it is on the list"));
        }
        return null;
    }
}
