using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Gate.Turns;

/// <summary>The place of a call in an agent's loop, from the facts of the run alone.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Earlier">The outputs of the turns before it, in order.</param>
/// <param name="Elapsed">How long the loop has taken when this attempt began.</param>
/// <param name="Reply">What the model said in this turn before the server died; null where it was not asked
/// yet, or its answer is not known.</param>
public sealed record AgentTurn(int Number, ImmutableArray<JsonElement> Earlier, TimeSpan Elapsed,
    TurnReply? Reply);
