using Aegis.Core.Errors;

namespace Aegis.Gate.Admission.Stages;

/// <summary>What the stages before want a human to look at. A yes holds for the call that it was given for
/// (its arguments' digest is compared before the gate hears of it), for these rules and for this version of
/// the policy; all stages before have judged again when it comes.</summary>
internal sealed class ApprovalStage : GateStage
{
    public override string Name => "approval";

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so)
    {
        if (so.Asking is not { } asking)
        {
            return null;
        }
        if (order.Grant is { } grant && grant.Rule == asking && grant.Policy == order.Rules.Version)
        {
            so.Rule = $"granted: {asking}";
            return null;
        }
        so.Asks = true;
        return so.Deny(asking, so.Question!);
    }
}
