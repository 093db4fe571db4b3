using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>Ordered: the smaller one is stricter and wins.</summary>
public enum Decision
{
    Deny,
    Ask,
    Allow,
}

/// <summary>A rule that had a say.</summary>
/// <param name="Rule">Its stable name, such as <c>git.config-option</c>, <c>allow: git status</c>,
/// <c>default</c>.</param>
/// <param name="Command">The command of the line that it judged, at most 200 characters.</param>
public sealed record MatchedRule(string Rule, Decision Decision, string Command, string Reason,
    string? Mend = null);

/// <summary>What the policy says of a whole line.</summary>
/// <param name="Matched">Every rule that had a say, in the order of the line.</param>
/// <param name="Deciding">The first of the strictest; null where the line could not be read at all.</param>
/// <param name="Error">Why it may not simply run; null exactly where it may.</param>
public sealed record CommandDecision(Decision Decision, ImmutableArray<MatchedRule> Matched,
    MatchedRule? Deciding, AegisError? Error);
