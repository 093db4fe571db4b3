using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A node takes the run over after its last one died: every open task goes on from the last recorded
/// fact. What was interrupted between ToolCalled and ToolReturned is judged by its effect.</summary>
public sealed record Recover(DateTimeOffset At) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        foreach (var task in decision.State.Plan.Tasks)
        {
            var state = decision.State.Tasks[task.Index];
            switch (state.Status)
            {
                case TaskStatus.Ready:
                    Progress.Advance(decision, [task.Index]);
                    break;
                case TaskStatus.RetryWait:
                    decision.Then(new RunEffect.WakeAt(task.Index, state.NotBefore!.Value));
                    break;
                case TaskStatus.Running:
                    Resume(decision, task.Index);
                    break;
                default:
                    break;
            }
        }
        Progress.EndIfDone(decision);
    }

    private static void Resume(Decision decision, int index)
    {
        var task = decision.State.Plan.Tasks[index];
        var state = decision.State.Tasks[index];
        var effect = decision.Rules.Traits(task.Tool)?.Effect ?? "once";
        if (decision.State.Status == RunStatus.Stopping)
        {
            decision.Emit(new TaskCancelled(task.StepId, state.Attempt));
            Progress.AfterEnd(decision, index);
        }
        else if (!state.Called || effect is "pure" or "idempotent")
        {
            Again(decision, index);
        }
        else if (effect == "reconcilable"
            && Rendered.TryMake(decision.State, task, out var input, out var env, out _))
        {
            decision.Then(new RunEffect.Probe(index, state.Attempt, input, env));
        }
        else
        {
            decision.Emit(new TaskInDoubt(task.StepId, state.Attempt,
                $"the server stopped while {task.Tool} acted; whether it took effect cannot be told"));
        }
    }

    internal static void Again(Decision decision, int index)
    {
        if (!Progress.Start(decision, index, recovery: true))
        {
            Progress.AfterEnd(decision, index);
        }
    }
}
