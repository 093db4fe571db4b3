using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>What becomes of a task whose attempt is over: done, tried again, frozen, failed, or standing on
/// what it asked for.</summary>
internal static class AttemptEnd
{
    public static void Apply(Decision d, int index, int attempt, AttemptResult result, double jitter)
    {
        var state = d.State.Tasks[index];
        if (state.Ended)
        {
            return;
        }
        if (result.FileHashes is { IsEmpty: false } hashes)
        {
            d.Emit(new FilesHashed(d.State.Plan.Tasks[index].StepId, hashes));
        }
        var (end, error) = Of(d, index, attempt, result);
        if (error is not null && d.State.Status == RunStatus.Running)
        {
            Failed(d, index, attempt, result, error, jitter);
            return;
        }
        if (end is null)
        {
            ChildRuns.Request(d, index, attempt, result.Child!);
            return;
        }
        d.Emit(end);
        Progress.Advance(d, end is TasksAdded
            ? Groups.Released(d.State, index)
            : Progress.Followers(d, index));
    }

    /// <summary>The attempt's end as it would stand, and the error where it is a failure. No fact where a run
    /// is asked for.</summary>
    private static (RunEvent? Fact, AegisError? Error) Of(
        Decision d, int index, int attempt, AttemptResult result)
    {
        var (task, stopping) = (d.State.Plan.Tasks[index], d.State.Status == RunStatus.Stopping);
        var step = task.StepId;
        if (!result.Ok)
        {
            return (stopping
                ? new TaskCancelled(step, attempt)
                : Failure(step, attempt, result, result.Error!), result.Error);
        }
        if (result.Child is not null)
        {
            return (stopping ? new TaskCancelled(step, attempt) : null, null);
        }
        var done = d.State.Tasks[index] with
        {
            Status = TaskStatus.Succeeded,
            Output = result.Output,
            Outputs = result.Outputs,
        };
        var outputs = OutputContract.Evaluate(task.Options.Outputs, result.Outputs,
            new RunExpressionContext(d.State, task, new SelfResult(index, done)));
        if (outputs.Error is { } broken)
        {
            return (Failure(step, attempt, result, broken), broken);
        }
        if (result.AddedSteps is not { } steps)
        {
            return (new TaskCompleted(step, attempt, result.Output, outputs.Value, result.Layer), null);
        }
        var added = StepsFragment.Compile(d.State.Graph, index, steps, d.State.UntrustedInputs);
        return added.Ok
            ? (new TasksAdded(step, attempt, steps, result.Output, outputs.Value, result.Layer), null)
            : (Failure(step, attempt, result, added.Error!), added.Error);
    }

    private static TaskFailed Failure(string step, int attempt, AttemptResult result, AegisError error) =>
        new(step, attempt, error, result.Output, result.Outputs);

    /// <summary>Tried again, frozen for a human, or failed for good.</summary>
    private static void Failed(
        Decision d, int index, int attempt, AttemptResult result, AegisError error, double jitter)
    {
        var (task, tries) = (d.State.Plan.Tasks[index], d.State.Tasks[index].Tries);
        if (tries <= task.Retry.Max && RetryRule.Wants(d.State, task, result, error))
        {
            var due = d.At + Backoff.Delay(task.Retry, tries, jitter);
            d.Emit(new TaskRetryScheduled(task.StepId, attempt, due, error));
            d.Then(new RunEffect.WakeAt(index, due));
        }
        else if (d.State.Start.Freeze)
        {
            d.Emit(new TaskFrozen(task.StepId, attempt, error, result.Layer));
        }
        else
        {
            d.Emit(Failure(task.StepId, attempt, result, error));
            Replans.Ask(d, index, result.Ok ? "a contract failed" : "its tries are spent");
            Progress.AfterEnd(d, index);
        }
    }
}
