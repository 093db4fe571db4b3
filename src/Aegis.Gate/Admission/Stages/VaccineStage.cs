using Aegis.Core.Errors;
using Aegis.Core.Vaccines;
using Aegis.Gate.Policies;

namespace Aegis.Gate.Admission.Stages;

/// <summary>What a failure of the past forbids: a command line, and files that the call would write. What
/// only the workspace tells (the file that a patch makes) is asked again before it is written
/// (<see cref="Execution.Vaccines"/>).</summary>
internal sealed class VaccineStage(IVaccines vaccines) : GateStage
{
    public override string Name => "vaccines";

    public override AegisError? Judge(Tool? tool, CallOrder order, ref Judgement so)
    {
        var guard = order.Rules.Vaccines;
        if (guard.IsEmpty || order.IsRead || Against(guard, tool!, order) is not { } stop)
        {
            return null;
        }
        if (so.Takes)
        {
            vaccines.Stopped(order.Principal, order.Tool, stop, order.CallId);
        }
        return so.Deny($"vaccine {stop.Vaccine.Id}", VaccineErrors.Stops(stop));
    }

    private static VaccineStop? Against(VaccineGuard guard, Tool tool, CallOrder order) =>
        guard.Against(tool.CommandLine(order.Input)) ?? guard.Against(tool.Writes(order.Input));
}
