using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Gate.Models;
using Aegis.Gate.Peers;
using Aegis.Ledger.EventStore;

namespace Aegis.Engine.Calls;

/// <summary>What a session is opened with.</summary>
/// <param name="Door">Such as <c>mcp</c>.</param>
public sealed record SessionRequest(string Door, string? Role, string? ProfileId, string? Client);

/// <summary>
/// Calls that are no runs. A tool that answers at once leaves nothing behind that a crash could cut in two,
/// so a run around it (five facts, a plan, a row for each) would record nothing more than its one fact does.
/// Rejected: calling without a record, and a run for each call, which a busy client would wait for most of
/// its time. 1. the gate decides and acts; 2. what came of it is committed; 3. only then the caller hears it.
/// A call whose fact was not committed has not happened: nobody was told, and nothing was changed.
/// </summary>
public sealed class CallDesk(EngineNode node)
{
    /// <summary>How long a call may take.</summary>
    public static TimeSpan CallTimeMax { get; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an answer of a model may take, streamed to its end.</summary>
    public static TimeSpan ModelTimeMax { get; } = TimeSpan.FromMinutes(30);

    private const string StepId = "call";
    private static readonly PlanPolicy Nothing = new([], [], null, null);

    public async ValueTask<CallSession> OpenAsync(
        Principal by, SessionRequest request, CancellationToken cancel)
    {
        var keys = await node.KeysAsync(by.Tenancy, cancel);
        var opened = new SessionOpened(node.NewId("call_"), by.Actor,
            [.. by.Scopes.Order(StringComparer.Ordinal)], request.Door, request.Role, request.ProfileId,
            await node.ProfileVersionAsync(keys, cancel), request.Client);
        var head = new StreamHead(
            node.Streams.NewKey(), keys, by.Tenancy, CallStream.Of(opened.SessionId));
        var session = new CallSession(node, head, opened, by);
        return await session.AppendAsync(opened, first: true)
            ? session
            : throw new AegisException(PumpErrors.NotHere);
    }

    /// <exception cref="AegisException">AEGIS6206 for a tool that needs a run; the node is lost.</exception>
    public async ValueTask<CallOutcome> CallAsync(CallSession session, string tool, JsonElement input,
        CallPeer? peer, CancellationToken cancel)
    {
        if (await node.Parts.Tools.FindAsync(session.By.Tenancy, tool, cancel)
            is { Descriptor.AnswersAtOnce: false })
        {
            throw new AegisException(NeedsRun(tool));
        }
        var call = Call(session, tool, input, CallTimeMax) with { Peer = peer };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(CallTimeMax);
        var outcome = await node.Parts.Gate.InvokeAsync(call, NoAct.Instance, limit.Token);
        return await session.AppendAsync(Fact(call, ToolEffect.Pure, outcome))
            ? outcome
            : throw new AegisException(PumpErrors.NotHere);
    }

    /// <summary>A call to a model whose client is answered in the words of its protocol. A stream is with its
    /// client before it has ended, so no answer waits for its fact: the fact is chained when the call ends,
    /// and committed with others. What a crash can lose of it is words; the money was leased before the call,
    /// and stays counted (decision 0058).</summary>
    /// <param name="named">Hears the call's id before anything is done.</param>
    /// <exception cref="AegisException">The node is lost, or the session's facts are not
    /// committed.</exception>
    public async ValueTask<CallOutcome> ModelAsync(CallSession session, string tool, JsonElement input,
        ModelClient client, Action<string> named, CancellationToken cancel)
    {
        var call = Call(session, tool, input, ModelTimeMax) with { Client = client };
        named(call.Context.CallId);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ModelTimeMax);
        var outcome = await node.Parts.Gate.InvokeAsync(call, CostsAlone.Instance, limit.Token);
        await session.RecordAsync(Fact(call, ToolEffect.Idempotent, outcome));
        return outcome;
    }

    /// <summary>Whether calls of a session still are judged and paid by the project's newest
    /// profile.</summary>
    public async ValueTask<bool> IsCurrentAsync(CallSession session, CancellationToken cancel) =>
        session.Facts.ProfileVersion == await node.ProfileVersionAsync(session.Keys, cancel);

    private GateCall Call(CallSession session, string tool, JsonElement input, TimeSpan limit)
    {
        if (session.NextCall() is not { } number)
        {
            throw new AegisException(TooMany(session));
        }
        return new GateCall(tool, input, new CallContext(
            session.By, new RunId(session.Id), StepId, number, $"{session.Id}.{StepId}.{number}", Nothing,
            ImmutableSortedDictionary<string, string>.Empty, null, null, null,
            node.Parts.Time.GetUtcNow() + limit, session.Facts.ProfileVersion));
    }

    private static RunEvent Fact(GateCall call, ToolEffect effect, CallOutcome outcome)
    {
        var (tool, number, callId) = (call.Tool, call.Context.Attempt, call.Context.CallId);
        var result = outcome.Result;
        return outcome.Denied
            ? new ToolDenied(StepId, number, callId, tool, result.Error!)
            : new ToolReturned(StepId, number, callId, tool, AttemptRunner.EffectText(effect),
                result.Ok, result.ExitCode, result.Error, result.CostUsd,
                (long)outcome.Duration.TotalMicroseconds, outcome.Log, outcome.Walls, false,
                Models: outcome.Models);
    }

    private static AegisError NeedsRun(string tool) => new("AEGIS6206",
        $"{tool} is called as a run", "a tool that answers at once", tool, "start it as a run of one step");

    private static AegisError TooMany(CallSession session) => new("AEGIS6201",
        $"session {session.Id} has made all the calls that one may make", $"at most {CallSession.CallsMax}",
        "one more", "open another session");

    /// <summary>A model's call is no fact before it: what it may cost is set aside already.</summary>
    private sealed class CostsAlone : ICallJournal
    {
        public static CostsAlone Instance { get; } = new();

        public ValueTask<AegisError?> CalledAsync(string tool, ToolEffect effect, string? rule) =>
            ValueTask.FromResult(effect == ToolEffect.Idempotent ? null : NeedsRun(tool));
    }

    /// <summary>The gate asks a journal only before an act that is not pure, and such a tool does not come
    /// this way.</summary>
    private sealed class NoAct : ICallJournal
    {
        public static NoAct Instance { get; } = new();

        public ValueTask<AegisError?> CalledAsync(string tool, ToolEffect effect, string? rule) =>
            ValueTask.FromResult<AegisError?>(NeedsRun(tool));
    }
}
