using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A human allows a step to begin, or does not.</summary>
/// <param name="Queue">The answer is for a request in this queue and for no other; null for any.</param>
public sealed record AnswerApproval(DateTimeOffset At, string StepId, bool Granted, string Actor,
    string? Reason, string? Queue = null) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Graph.IndexOf(StepId) is not { } index
            || decision.State.Tasks[index].Status != TaskStatus.Approval
            || (Queue is not null && decision.State.Tasks[index].Approval?.Queue != Queue))
        {
            decision.Refuse(new AegisError("AEGIS5037",
                $"step {StepId} waits for no approval{(Queue is null ? "" : $" in the queue {Queue}")}",
                Mend: "GET /v1/approvals lists what waits"));
        }
        else if (!Granted)
        {
            Approvals.Deny(decision, index, Actor, Reason);
        }
        else
        {
            var id = Approvals.IdOf(decision.State, decision.State.Plan.Tasks[index]);
            decision.Emit(new ApprovalGranted(StepId, id, Actor, Reason));
            Progress.Advance(decision, [index]);
        }
    }
}
