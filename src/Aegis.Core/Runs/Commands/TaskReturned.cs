using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Models;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>How an attempt ended, as the engine saw it.</summary>
/// <param name="Layer">The sealed workspace; of a failed attempt only where its run freezes.</param>
/// <param name="AddedSteps">Steps that the call adds to its run.</param>
/// <param name="Asks">The gate neither allowed nor denied the call: a human decides. Nothing was
/// done.</param>
/// <param name="FileHashes">What its outputs' calls of hashFiles() came to.</param>
/// <param name="Child">The run that the call asks for; the step ends with it.</param>
/// <param name="Artifacts">Versions that the call made; they stand in the artifacts' own streams
/// already.</param>
/// <param name="Egress">What its commands asked the egress proxy for.</param>
/// <param name="Audit">The verdict of a call that audited.</param>
/// <param name="Patches">What it changed and took back.</param>
/// <param name="Retryable">False for what would fail the same way again: denials and invalid inputs.</param>
public sealed record AttemptResult(string CallId, string Tool, string Effect, bool Ok, string? Output,
    JsonElement? Outputs, int? ExitCode, AegisError? Error, decimal CostUsd, long DurationUs, LogRef? Log,
    ImmutableArray<string>? Walls, string? Layer, bool Denied, bool Retryable, bool Probed,
    JsonElement? AddedSteps = null, ChildRequest? Child = null,
    ImmutableArray<FileHashFact>? FileHashes = null, GateQuestion? Asks = null,
    ImmutableArray<ArtifactVersion>? Artifacts = null, ImmutableArray<EgressFact>? Egress = null,
    ImmutableArray<ModelUse>? Models = null, AuditVerdict? Audit = null,
    ImmutableArray<PatchFact>? Patches = null);

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
        if (Result.Asks is { } question && decision.State.Status == RunStatus.Running)
        {
            Approvals.Ask(decision, Index, question, Result.Error!);
            return;
        }
        RecordReturn(decision);
        Stopping.OverBudget(decision);
        AttemptEnd.Apply(decision, Index, Attempt, Result, Jitter);
    }

    private void RecordReturn(Decision decision)
    {
        var step = decision.State.Plan.Tasks[Index].StepId;
        if (Result.Denied)
        {
            decision.Emit(new ToolDenied(
                step, Attempt, Result.CallId, Result.Tool, Result.Error!));
            return;
        }
        foreach (var made in Result.Artifacts ?? [])
        {
            decision.Emit(made.Version == 1
                ? new ArtifactProduced(step, Attempt, made.ForRun())
                : new ArtifactUpdated(step, Attempt, made.ForRun()));
        }
        foreach (var patch in Result.Patches ?? [])
        {
            decision.Emit(FactOf(step, patch));
        }
        decision.Emit(new ToolReturned(step, Attempt, Result.CallId, Result.Tool, Result.Effect,
            Result.Ok, Result.ExitCode, Result.Error, Result.CostUsd, Result.DurationUs, Result.Log,
                Result.Walls,
            Result.Probed, Result.Egress, Result.Models));
        if (Result.Audit is { } audit)
        {
            decision.Emit(audit.Passed ? new AuditPassed(step, Attempt, Result.CallId, audit)
                : new AuditFailed(step, Attempt, Result.CallId, audit));
        }
    }

    private RunEvent FactOf(string step, PatchFact patch) => patch.Stage switch
    {
        PatchStage.Proposed => new PatchProposed(step, Attempt, patch.PatchId, patch.File, patch.Line,
            patch.Text, patch.Confidence),
        PatchStage.Applied => new PatchApplied(step, Attempt, patch.PatchId, patch.File, patch.Line,
            patch.Text, patch.Backup),
        _ => new PatchRolledBack(step, Attempt, patch.PatchId, patch.File, patch.Text),
    };
}
