using Aegis.Core.Errors;

namespace Aegis.Gate.Admission;

/// <summary>What the gate decided on a call: the rule that decided, or the refusal.</summary>
public readonly record struct Admission(AegisError? Denial, string? Rule)
{
    public static Admission Denied(AegisError error) => new(error, null);
}
