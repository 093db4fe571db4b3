using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;
using Aegis.Gate;
using Aegis.Gate.Turns;

namespace Aegis.Engine.Pump;

/// <summary>Makes what an attempt does a fact of its run while it goes on.</summary>
internal sealed class AttemptJournal(RunPump pump, int index, int attempt, string ownId,
    TurnReplies replies, TimeProvider time, string? within = null) : ITurnJournal
{
    private bool IsTurn => within is null && pump.Committed.Plan.Tasks[index].Member is { Turn: true };

    private string Step => pump.Committed.Plan.Tasks[index].StepId;

    public async ValueTask<AegisError?> CalledAsync(string tool, ToolEffect effect, string? rule)
    {
        var fact = new RecordCall(time.GetUtcNow(), index, new ToolCalled(
            Step, attempt, ownId, tool, AttemptRunner.EffectText(effect), rule, within));
        // a turn asks its model, and does nothing else before the reply is a fact
        return IsTurn ? pump.PostQueued(fact) : await pump.PostAsync(fact);
    }

    public ValueTask<T> AwayAsync<T>(Func<ValueTask<T>> wait, CancellationToken cancel) =>
        pump.Slots.AwayAsync(index, wait, cancel);

    public async ValueTask<AegisError?> RepliedAsync(
        TurnReply reply, decimal costUsd, ImmutableArray<ModelUse>? models)
    {
        var kept = await replies.KeepAsync(pump.Head.Tenancy, reply);
        return await pump.PostAsync(new RecordTurn(time.GetUtcNow(), index, attempt, [new ModelReplied(Step,
            attempt, ownId, reply.Turn, reply.Agent, kept.Json, kept.Blob, kept.Bytes, reply.Finish, costUsd,
            models)]));
    }

    public ICallJournal Within(string callId) =>
        new AttemptJournal(pump, index, attempt, callId, replies, time, ownId);

    // the next act's own fact is awaited, and stands behind this one
    public AegisError? Returned(string callId, string tool, ToolEffect effect, CallOutcome outcome)
    {
        var result = outcome.Result;
        if (outcome.Denied)
        {
            return Record([new ToolDenied(Step, attempt, callId, tool, result.Error!, ownId)]);
        }
        var made = (outcome.Artifacts ?? []).Select(a => (RunEvent)(a.Version == 1
            ? new ArtifactProduced(Step, attempt, a.ForRun())
            : new ArtifactUpdated(Step, attempt, a.ForRun())));
        return Record([.. made, new ToolReturned(Step, attempt, callId, tool,
            AttemptRunner.EffectText(effect), result.Ok, result.ExitCode, result.Error, result.CostUsd,
            (long)outcome.Duration.TotalMicroseconds, outcome.Log, outcome.Walls, false, outcome.Egress,
            outcome.Models, ownId)]);
    }

    private AegisError? Record(ImmutableArray<RunEvent> facts) =>
        pump.PostQueued(new RecordTurn(time.GetUtcNow(), index, attempt, facts));
}
