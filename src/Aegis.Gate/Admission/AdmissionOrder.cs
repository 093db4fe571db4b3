using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Gate.Admission;

/// <summary>The one order of decision, pure denials first: scope → input → command rules → egress. Listing
/// tools and calling them ask the same questions. Default is deny.</summary>
internal static class AdmissionOrder
{
    public static Admission Decide(Tool? tool, GateCall call)
    {
        if (tool is null)
        {
            return Admission.Denied(new AegisError("AEGIS2002", $"there is no tool {call.Tool}",
                Mend: "`aegis tools` lists them"));
        }
        if (!call.Context.Principal.Holds(tool.Descriptor.Scope))
        {
            return Admission.Denied(new AegisError("AEGIS2003",
                $"{call.Context.Principal.Actor} may not call {call.Tool}", $"scope {tool.Descriptor.Scope}",
                string.Join(", ", call.Context.Principal.Scopes.Order()),
                    "ask an administrator for a key with it"));
        }
        if (tool.Check(call.Input) is { } invalid)
        {
            return Admission.Denied(invalid);
        }
        return tool.CommandLine(call.Input) is { } line ? Commands(line, call)
            : tool.EgressUrl(call.Input) is { } url ? Egress(url, call)
            : new Admission(null, "scope");
    }

    private static Admission Egress(string text, GateCall call)
    {
        var (url, error) = EgressTarget.ReadUrl(text);
        if (url is null)
        {
            return Admission.Denied(error!);
        }
        var decision = EgressPolicy.Decide(call.Context.Policy.EgressAllow, EgressTarget.Of(url));
        return new Admission(decision.Error, decision.Rule?.Text);
    }

    private static Admission Commands(string line, GateCall call)
    {
        var decision = CommandPolicy.Evaluate(call.Context.Policy.AllowCommands, line);
        return decision.Decision == Decision.Allow
            ? new Admission(null, decision.Deciding?.Rule)
            : Admission.Denied(decision.Error
            ?? new AegisError("AEGIS2004", $"the command is not allowed: {line}"));
    }
}
