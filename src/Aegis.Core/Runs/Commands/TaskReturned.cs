using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>How an attempt ended, as the engine saw it.</summary>
/// <param name="Retryable">False for what would fail the same way again: denials and invalid inputs.</param>
public sealed record AttemptResult(string CallId, string Tool, string Effect, bool Ok, string? Output,
    JsonElement? Outputs, int? ExitCode, AegisError? Error, decimal CostUsd, long DurationUs, LogRef? Log,
    ImmutableArray<string>? Walls, string? Layer, bool Denied, bool Retryable, bool Probed);

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
        var retries = decision.State.Plan.Tasks[Index].Retry;
        if (!Result.Ok && Result.Retryable && state.Tries <= retries.Max
            && decision.State.Status == RunStatus.Running)
        {
            var due = At + Backoff.Delay(retries, state.Tries, Jitter);
            decision.Emit(new TaskRetryScheduled(StepId(decision), Attempt, due, Result.Error!));
            decision.Then(new RunEffect.WakeAt(Index, due));
            return;
        }
        decision.Emit(End(decision));
        Progress.AfterEnd(decision, Index);
    }

    private string StepId(Decision decision) => decision.State.Plan.Tasks[Index].StepId;

    private RunEvent End(Decision decision) =>
        Result.Ok ? new TaskCompleted(StepId(decision), Attempt, Result.Output, Result.Outputs, Result.Layer)
        : decision.State.Status == RunStatus.Stopping ? new TaskCancelled(StepId(decision), Attempt)
        : new TaskFailed(StepId(decision), Attempt, Result.Error!, Result.Output, Result.Outputs);

    private void RecordReturn(Decision decision)
    {
        if (Result.Denied)
        {
            decision.Emit(new ToolDenied(
                StepId(decision), Attempt, Result.CallId, Result.Tool, Result.Error!));
            return;
        }
        decision.Emit(new ToolReturned(StepId(decision), Attempt, Result.CallId, Result.Tool, Result.Effect,
            Result.Ok, Result.ExitCode, Result.Error, Result.CostUsd, Result.DurationUs, Result.Log,
                Result.Walls,
            Result.Probed));
    }
}
