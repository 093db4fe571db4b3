using Aegis.Core.Errors;
using Aegis.Gate.Policies;

namespace Aegis.Gate.Admission.Stages;

/// <summary>What a failure of the past forbids.</summary>
internal sealed class VaccineStage(IVaccines vaccines) : GateStage
{
    public override string Name => "vaccines";

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so) =>
        vaccines.Against(order.Principal, order.Tool, order.Input) is { } hit
            ? so.Deny($"vaccine {hit.Vaccine}", hit.Error) : null;
}
