using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Gate.Admission.Stages;

/// <summary>Who asks, and for which tenant and project. Without both nothing is judged.</summary>
internal sealed class IdentityStage : GateStage
{
    public override string Name => "identity";

    public override bool ReadsInput => false;

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so)
    {
        var by = order.Principal;
        if (by.Actor.Length > 0 && by.Tenancy is { Tenant.Length: > 0, Project.Length: > 0 })
        {
            so.Told?.Add(new StageWord(Name, new MatchedRule(Name, Decision.Allow, order.Tool,
                $"{by.Actor} of {by.Tenancy}")));
            return null;
        }
        return so.Deny("identity", new AegisError("AEGIS2500", $"nobody known asks to call {order.Tool}",
            "an actor, a tenant and a project", $"«{by.Actor}» of «{by.Tenancy}»",
            "come with a key of the project"));
    }
}
