using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>The gate admitted a call that is not pure: its ToolCalled must be committed before the
/// act.</summary>
public sealed record RecordCall(DateTimeOffset At, int Index, ToolCalled Called) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state.Status == TaskStatus.Running && state.Attempt == Called.Attempt)
        {
            decision.Emit(Called);
        }
        else
        {
            decision.Refuse(new Errors.AegisError(
                "AEGIS5002", $"attempt {Called.Attempt} of {Called.StepId} is over"));
        }
    }
}
