using Aegis.Core.Errors;

namespace Aegis.Gate.Admission;

/// <summary>What the gate decided on a call: the rule that decided, and the refusal if any.</summary>
/// <param name="Asks">No refusal for good: a human may let the call pass; Rule names all that ask.</param>
public readonly record struct Admission(AegisError? Denial, string? Rule, bool Asks = false)
{
    public static Admission Denied(AegisError error, string? rule) => new(error, rule);
}
