using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Gate.Admission.Stages;

/// <summary>Whether there is such a tool, and whether the caller holds its scope: the one that it shares with
/// its kind (<c>tools:git</c>), or one of its own name (<c>tools:git.push</c>).</summary>
internal sealed class ScopeStage : GateStage
{
    public override string Name => "scope";

    public override bool ReadsInput => false;

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so)
    {
        if (tool is null)
        {
            return so.Deny("catalogue", new AegisError("AEGIS2002", $"there is no tool {order.Tool}",
                Mend: "`aegis tools` lists them"));
        }
        var by = order.Principal;
        if (by.Holds(tool.Descriptor.Scope) || by.Scopes.Contains($"tools:{tool.Descriptor.Name}"))
        {
            so.Rule = "scope";
            so.Told?.Add(new StageWord(Name, new MatchedRule("scope", Decision.Allow, order.Tool,
                $"the key holds {tool.Descriptor.Scope}")));
            return null;
        }
        return so.Deny("scope", new AegisError("AEGIS2003", $"{by.Actor} may not call {order.Tool}",
            $"scope {tool.Descriptor.Scope}", string.Join(", ", by.Scopes.Order()),
            "ask an administrator for a key with it"));
    }
}
