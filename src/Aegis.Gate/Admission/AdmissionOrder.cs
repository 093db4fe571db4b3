using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Gate.Admission;

/// <summary>The one order of decision, pure denials first: scope → input → command rules → egress. Listing
/// tools and calling them ask the same questions. Default is deny; what is neither allowed nor denied asks a
/// human.</summary>
internal static class AdmissionOrder
{
    public static Admission Decide(Tool? tool, CallOrder order)
    {
        if (MayCall(tool, order.Tool, order.Principal) is { } refusal)
        {
            return Admission.Denied(refusal, tool is null ? "catalogue" : "scope");
        }
        if (tool!.Check(order.Input) is { } invalid)
        {
            return Admission.Denied(invalid, "input");
        }
        return tool.CommandLine(order.Input) is { } line ? Commands(line, order)
            : tool.EgressUrl(order.Input) is { } url ? Egress(url, order)
            : new Admission(null, "scope");
    }

    /// <summary>Why somebody may not see or call a tool, or null.</summary>
    public static AegisError? MayCall(Tool? tool, string name, Principal principal) =>
        tool is null
            ? new AegisError("AEGIS2002", $"there is no tool {name}", Mend: "`aegis tools` lists them")
        : principal.Holds(tool.Descriptor.Scope) ? null
        : new AegisError("AEGIS2003", $"{principal.Actor} may not call {name}",
            $"scope {tool.Descriptor.Scope}", string.Join(", ", principal.Scopes.Order()),
            "ask an administrator for a key with it");

    private static Admission Egress(string text, CallOrder order)
    {
        var (url, error) = EgressTarget.ReadUrl(text);
        if (url is null)
        {
            return Admission.Denied(error!, "address");
        }
        var decision = EgressPolicy.Decide(order.Policy.EgressAllow, EgressTarget.Of(url));
        return new Admission(decision.Error, decision.Rule?.Text ?? "egress_allow");
    }

    private static Admission Commands(string line, CallOrder order)
    {
        var decision = CommandPolicy.Evaluate(order.Policy.AllowCommands, line);
        if (decision.Decision == Decision.Allow)
        {
            return new Admission(null, decision.Deciding?.Rule);
        }
        var error = decision.Error ?? new AegisError("AEGIS2004", $"the command is not allowed: {line}");
        if (decision.Decision == Decision.Deny)
        {
            return Admission.Denied(error, decision.Deciding?.Rule);
        }
        var asking = string.Join(", ",
            decision.Matched.Where(m => m.Decision == Decision.Ask).Select(m => m.Rule).Distinct());
        return asking == order.GrantedRule
            ? new Admission(null, $"granted: {asking}")
            : new Admission(error, asking, Asks: true);
    }
}
