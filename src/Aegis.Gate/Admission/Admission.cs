using Aegis.Core.Errors;

namespace Aegis.Gate.Admission;

/// <summary>What the gate decided on a call: the rule that decided, and the refusal if any.</summary>
/// <param name="Asks">No refusal for good: a human may let the call pass; Rule names all that ask.</param>
/// <param name="Stage">Where it was decided; see <see cref="GateOrder"/>.</param>
/// <param name="RetryAfter">When a refusal of the rate limit will have passed; zero for all others.</param>
public readonly record struct Admission(AegisError? Denial, string? Rule, bool Asks = false,
    string? Stage = null, TimeSpan RetryAfter = default);
