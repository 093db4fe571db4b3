using Aegis.Core.Errors;
using Aegis.Core.Runs.Audits;

namespace Aegis.Gate.Admission.Stages;

/// <summary>The Auditor's veto over what a run hands on; see <see cref="AuditVeto"/>. It stands before the
/// approval, and no grant is read here.</summary>
internal sealed class AuditStage : GateStage
{
    public override string Name => "audit";

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so) =>
        AuditVeto.Refusal(order.Tool, order.Audits, order.Rules.Profile.AuditRequired,
            order.Rules.Audit?.Hash) is { } veto
            ? so.Deny("audit", veto) : null;
}
