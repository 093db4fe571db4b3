using Aegis.Core.Errors;

namespace Aegis.Gate.Admission.Stages;

/// <summary>Whether a tool of an outside server still says what somebody approved; others are open.</summary>
internal sealed class PinStage : GateStage
{
    public override string Name => "pin";

    public override bool ReadsInput => false;

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so) =>
        tool!.Closed is { } closed ? so.Deny("pin", closed) : null;
}
