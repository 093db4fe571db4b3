using Aegis.Core.Errors;

namespace Aegis.Gate.Admission.Stages;

/// <summary>The input binds to the tool's record, within its bounds.</summary>
internal sealed class InputStage : GateStage
{
    public override string Name => "input";

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so) =>
        !order.IsRead && tool!.Check(order.Input) is { } invalid ? so.Deny("input", invalid) : null;
}
