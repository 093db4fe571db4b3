using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>A node takes the run over after its last one died: every open task goes on from the last recorded
/// fact. What was interrupted between ToolCalled and ToolReturned is judged by its effect.</summary>
public sealed record Recover(DateTimeOffset At) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        // a group grows while this goes on: what it adds begins by itself
        foreach (var task in decision.State.Plan.Tasks)
        {
            var state = decision.State.Tasks[task.Index];
            if (state is { Ended: false, StartedAt: not null })
            {
                Progress.WatchSla(decision, task.Index);
            }
            if (state.Status == TaskStatus.Running)
            {
                Resume(decision, task.Index);
            }
            else if (state.Status == TaskStatus.Child)
            {
                Children.ChildRuns.Attend(decision, task.Index);
            }
            else if (state is { Status: TaskStatus.Approval, NotBefore: { } expires })
            {
                decision.Then(new RunEffect.WakeAt(task.Index, expires));
            }
        }
        Waiting(decision);
    }

    /// <summary>Looks again at everything that waits for nothing but us.</summary>
    internal static void Waiting(Decision decision)
    {
        foreach (var task in decision.State.Plan.Tasks)
        {
            var state = decision.State.Tasks[task.Index];
            if (state.Status == TaskStatus.RetryWait)
            {
                decision.Then(new RunEffect.WakeAt(task.Index, state.NotBefore!.Value));
            }
            else if (state.Status == TaskStatus.Expanded)
            {
                Progress.Advance(decision, Groups.Released(decision.State, task.Index));
            }
            else if (state.Status == TaskStatus.Ready && task.Member is null)
            {
                Progress.Advance(decision, [task.Index]);
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
            Progress.Advance(decision, Progress.Start(decision, index, recovery: true));
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
}
