using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A human says what becomes of a task in doubt or a frozen one: <c>done</c>, <c>retry</c> or
/// <c>fail</c>.</summary>
public sealed record ResolveTask(DateTimeOffset At, string StepId, string Answer, string Actor)
    : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Graph.IndexOf(StepId) is not { } index
            || decision.State.Tasks[index] is not { Status: TaskStatus.InDoubt or TaskStatus.Frozen } state)
        {
            decision.Refuse(new AegisError("AEGIS5003", $"step {StepId} waits for no answer",
                Mend: "`aegis runs show RUN` lists the steps and their states"));
            return;
        }
        decision.Emit(new TaskResolved(StepId, state.Attempt, Answer, Actor));
        switch (Answer)
        {
            case "done":
                decision.Emit(new TaskCompleted(StepId, state.Attempt, null, null, state.Layer));
                Progress.AfterEnd(decision, index);
                break;
            case "retry":
                Progress.Advance(decision, Progress.Begin(decision, index));
                break;
            default:
                Progress.Advance(decision, Progress.Fail(decision, index, state.Error
                    ?? new AegisError("AEGIS5004", $"{Actor} judged step {StepId} as failed")));
                break;
        }
    }
}
