using System.Collections.Immutable;

namespace Aegis.Core.Plans;

/// <summary>Which failures a step tries again: any of the list, or what the condition says of the
/// error. One of the two is set.</summary>
/// <param name="Codes">Error codes such as AEGIS2005.</param>
/// <param name="Classes">Of <see cref="FailureClasses"/>.</param>
/// <param name="Condition">An expression over <c>error</c> and all that the step's own expressions
/// see.</param>
public sealed record RetryOn(ImmutableArray<string> Codes, ImmutableArray<string> Classes,
    ImmutableArray<int> ExitCodes, string? Condition)
{
    /// <summary>Equal where it says the same, so that defaults can be told from a step's own.</summary>
    public bool Equals(RetryOn? other) => other is not null && Codes.SequenceEqual(other.Codes)
        && Classes.SequenceEqual(other.Classes) && ExitCodes.SequenceEqual(other.ExitCodes)
        && Condition == other.Condition;

    public override int GetHashCode() =>
        HashCode.Combine(Codes.Length, Classes.Length, ExitCodes.Length, Condition);
}

/// <summary>Kinds of failure that retry.on can name.</summary>
public static class FailureClasses
{
    public const string Timeout = "timeout";
    public const string Denied = "denied";
    public const string Invalid = "invalid";
    public const string Contract = "contract";
    public const string Failure = "failure";
    public const string Any = "any";

    public static ImmutableArray<string> All { get; } = [Any, Timeout, Failure, Contract, Denied, Invalid];
}
