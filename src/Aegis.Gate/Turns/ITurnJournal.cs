using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Models;

namespace Aegis.Gate.Turns;

/// <summary>Port filled by the engine: what happens within a turn of an agent becomes a fact while the turn
/// goes on. Each answers with null, or why the turn may not go on.</summary>
public interface ITurnJournal : ICallJournal
{
    /// <summary>Gives the turn's place to others while it waits for its model.</summary>
    ValueTask<T> AwayAsync<T>(Func<ValueTask<T>> wait, CancellationToken cancel);

    /// <summary>Returns once the fact is committed: calls are made only then.</summary>
    ValueTask<AegisError?> RepliedAsync(TurnReply reply, decimal costUsd, ImmutableArray<ModelUse>? models);

    /// <summary>Of one call within the turn, by its own id.</summary>
    ICallJournal Within(string callId);

    /// <summary>The fact is in its place in the stream, before whatever the turn does next.</summary>
    AegisError? Returned(string callId, string tool, ToolEffect effect, CallOutcome outcome);
}
