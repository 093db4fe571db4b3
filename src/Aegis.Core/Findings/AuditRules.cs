using System.Collections.Immutable;

namespace Aegis.Core.Findings;

/// <summary>What a project changes in the Auditor's rule set: <c>policies.audit_rules</c> of its
/// profile.</summary>
/// <param name="BlocksFrom">Null for the rule set's own.</param>
/// <param name="Rules">By the rule's name.</param>
public sealed record AuditRules(
    FindingSeverity? BlocksFrom, ImmutableSortedDictionary<string, RuleWord> Rules)
{
    public const int RulesMax = 200;
    public const int RuleCharsMax = 100;
    public const int ReasonCharsMax = 400;

    /// <summary>Days from the moment it is stored that a rule may be loosened for.</summary>
    public const int WaiverDaysMax = 366;

    public static AuditRules None { get; } =
        new(null, ImmutableSortedDictionary<string, RuleWord>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>What became of each rule, from one to the other.</summary>
    public static ImmutableArray<AuditRuleChange> Changes(AuditRules before, AuditRules after)
    {
        var changes = ImmutableArray.CreateBuilder<AuditRuleChange>();
        if (before.BlocksFrom != after.BlocksFrom)
        {
            changes.Add(new AuditRuleChange("blocks_from", RuleWord.Text(before.BlocksFrom),
                RuleWord.Text(after.BlocksFrom), (after.BlocksFrom ?? FindingSeverity.Error)
                    > (before.BlocksFrom ?? FindingSeverity.Error), null, null));
        }
        foreach (var rule in before.Rules.Keys.Union(after.Rules.Keys).Order(StringComparer.Ordinal))
        {
            var (was, is_) = (before.Rules.GetValueOrDefault(rule), after.Rules.GetValueOrDefault(rule));
            if (was?.Word != is_?.Word || was?.Until != is_?.Until)
            {
                changes.Add(new AuditRuleChange(rule, was?.Word ?? RuleWord.Own, is_?.Word ?? RuleWord.Own,
                    Loosens(was, is_), is_?.Reason, is_?.Until));
            }
        }
        return changes.ToImmutable();
    }

    // a finding's own severity is not known here: what is not surely stricter counts as looser
    private static bool Loosens(RuleWord? was, RuleWord? now) =>
        was is not null && now is not null && was.Word == now.Word ? (now.Until ?? DateOnly.MaxValue)
            > (was.Until ?? DateOnly.MaxValue)
        : (was?.Word, now?.Word) is not ((_, "error") or ("off", _) or ("note", "warning" or null));
}

/// <summary>What a project says of one rule.</summary>
/// <param name="Severity">Of its findings; null: none of them blocks.</param>
/// <param name="Reason">Why it is loosened.</param>
/// <param name="Until">The last day, of UTC, that it holds; null for good.</param>
public sealed record RuleWord(FindingSeverity? Severity, string? Reason, DateOnly? Until)
{
    /// <summary>What is said of a rule that nothing is said of.</summary>
    internal const string Own = "own";

    public string Word => Severity is null ? "off" : Text(Severity);

    /// <summary>It makes findings lighter, or may.</summary>
    public bool IsWaiver => Severity != FindingSeverity.Error;

    public bool IsInForce(DateTimeOffset now) =>
        Until is not { } last || DateOnly.FromDateTime(now.UtcDateTime) <= last;

    internal static string Text(FindingSeverity? severity) =>
        severity?.ToString().ToLowerInvariant() ?? Own;
}

/// <param name="From">off, note, warning, error, or own where nothing was said.</param>
/// <param name="Loosens">Less may block than before.</param>
public sealed record AuditRuleChange(
    string Rule, string From, string To, bool Loosens, string? Reason, DateOnly? Until);
