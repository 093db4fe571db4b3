using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A human says what became of a task in doubt: <c>done</c>, <c>retry</c> or <c>fail</c>.</summary>
public sealed record ResolveTask(DateTimeOffset At, string StepId, string Answer, string Actor)
    : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Graph.IndexOf(StepId) is not { } index
            || decision.State.Tasks[index] is not { Status: TaskStatus.InDoubt } state)
        {
            decision.Refuse(new AegisError("AEGIS5003", $"step {StepId} is not in doubt",
                Mend: "`aegis runs show RUN` lists the steps and their states"));
            return;
        }
        decision.Emit(new TaskResolved(StepId, state.Attempt, Answer, Actor));
        switch (Answer)
        {
            case "done":
                decision.Emit(new TaskCompleted(StepId, state.Attempt, null, null, null));
                Progress.AfterEnd(decision, index);
                break;
            case "retry":
                if (!Progress.StartOrQueue(decision, index))
                {
                    Progress.AfterEnd(decision, index);
                }
                break;
            default:
                decision.Emit(new TaskFailed(StepId, state.Attempt,
                    new AegisError("AEGIS5004", $"{Actor} judged step {StepId} as failed"), null, null));
                Progress.AfterEnd(decision, index);
                break;
        }
    }
}
