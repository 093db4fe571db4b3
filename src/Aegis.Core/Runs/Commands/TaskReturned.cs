using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>How an attempt ended, as the engine saw it.</summary>
/// <param name="Layer">The sealed workspace; of a failed attempt only where its run freezes.</param>
/// <param name="AddedSteps">Steps that the call adds to its run.</param>
/// <param name="Artifacts">Versions that the call made; they stand in the artifacts' own streams
/// already.</param>
/// <param name="Retryable">False for what would fail the same way again: denials and invalid inputs.</param>
public sealed record AttemptResult(string CallId, string Tool, string Effect, bool Ok, string? Output,
    JsonElement? Outputs, int? ExitCode, AegisError? Error, decimal CostUsd, long DurationUs, LogRef? Log,
    ImmutableArray<string>? Walls, string? Layer, bool Denied, bool Retryable, bool Probed,
    JsonElement? AddedSteps = null, ImmutableArray<ArtifactVersion>? Artifacts = null);

/// <summary>An attempt is over: complete it, try it again, or fail it; then start what follows.</summary>
/// <param name="Jitter">0 to 1, the chance part of the next back-off.</param>
public sealed record TaskReturned(
    DateTimeOffset At, int Index, int Attempt, AttemptResult Result, double Jitter)
    : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        var state = decision.State.Tasks[Index];
        if (state.Status != TaskStatus.Running || state.Attempt != Attempt)
        {
            return;
        }
        RecordReturn(decision);
        Stopping.OverBudget(decision);
        if (decision.State.Tasks[Index].Ended)
        {
            return;
        }
        var (end, error) = End(decision);
        if (error is not null && decision.State.Status == RunStatus.Running)
        {
            Failed(decision, state, error);
            return;
        }
        decision.Emit(end);
        Progress.Advance(decision, end is TasksAdded
            ? Groups.Released(decision.State, Index)
            : Progress.Followers(decision, Index));
    }

    private string StepId(Decision decision) => decision.State.Plan.Tasks[Index].StepId;

    /// <summary>The attempt's end as it would stand, and the error where it is a failure.</summary>
    private (RunEvent Fact, AegisError? Error) End(Decision decision)
    {
        var (step, stopping) = (StepId(decision), decision.State.Status == RunStatus.Stopping);
        if (!Result.Ok)
        {
            return (stopping ? new TaskCancelled(step, Attempt) : Failure(decision, Result.Error!),
                Result.Error);
        }
        var task = decision.State.Plan.Tasks[Index];
        var done = decision.State.Tasks[Index] with
        {
            Status = TaskStatus.Succeeded,
            Output = Result.Output,
            Outputs = Result.Outputs,
        };
        var outputs = OutputContract.Evaluate(task.Options.Outputs, Result.Outputs,
            new RunExpressionContext(decision.State, task, new SelfResult(Index, done)));
        if (outputs.Error is { } broken)
        {
            return (Failure(decision, broken), broken);
        }
        if (Result.AddedSteps is not { } steps)
        {
            return (new TaskCompleted(step, Attempt, Result.Output, outputs.Value, Result.Layer), null);
        }
        var added = StepsFragment.Compile(decision.State.Graph, Index, steps);
        return added.Ok
            ? (new TasksAdded(step, Attempt, steps, Result.Output, outputs.Value, Result.Layer), null)
            : (Failure(decision, added.Error!), added.Error);
    }

    private TaskFailed Failure(Decision decision, AegisError error) =>
        new(StepId(decision), Attempt, error, Result.Output, Result.Outputs);

    /// <summary>Tried again, frozen for a human, or failed for good.</summary>
    private void Failed(Decision decision, TaskState state, AegisError error)
    {
        var retries = decision.State.Plan.Tasks[Index].Retry;
        if (Result.Retryable && state.Tries <= retries.Max)
        {
            var due = At + Backoff.Delay(retries, state.Tries, Jitter);
            decision.Emit(new TaskRetryScheduled(StepId(decision), Attempt, due, error));
            decision.Then(new RunEffect.WakeAt(Index, due));
        }
        else if (decision.State.Start.Freeze)
        {
            decision.Emit(new TaskFrozen(StepId(decision), Attempt, error, Result.Layer));
        }
        else
        {
            decision.Emit(Failure(decision, error));
            Replans.Ask(decision, Index, Result.Ok ? "a contract failed" : "its tries are spent");
            Progress.AfterEnd(decision, Index);
        }
    }

    private void RecordReturn(Decision decision)
    {
        if (Result.Denied)
        {
            decision.Emit(new ToolDenied(
                StepId(decision), Attempt, Result.CallId, Result.Tool, Result.Error!));
            return;
        }
        foreach (var made in Result.Artifacts ?? [])
        {
            decision.Emit(made.Version == 1
                ? new ArtifactProduced(StepId(decision), Attempt, made.ForRun())
                : new ArtifactUpdated(StepId(decision), Attempt, made.ForRun()));
        }
        decision.Emit(new ToolReturned(StepId(decision), Attempt, Result.CallId, Result.Tool, Result.Effect,
            Result.Ok, Result.ExitCode, Result.Error, Result.CostUsd, Result.DurationUs, Result.Log,
                Result.Walls,
            Result.Probed));
    }
}
