using System.Collections.Immutable;

namespace Aegis.Core.Runs.Audits;

/// <summary>What an audit came to, computed from what its scanners found.</summary>
/// <param name="Tree">The folder that was audited.</param>
/// <param name="BuildStatus">clean, vulnerable, or broken where a scanner that must run did not.</param>
/// <param name="RulesetHash">SHA-256 of the rule set, 64 hex digits.</param>
/// <param name="Sarif">SHA-256 of the findings as SARIF, in the blob store; null on a node that keeps
/// none.</param>
/// <param name="Paths">The part of the tree that was looked at; null for all of it.</param>
public sealed record AuditVerdict(string Tree, string BuildStatus, string Ruleset, string RulesetHash,
    int Blocking, int Total, string? Sarif = null, ImmutableArray<string>? Paths = null)
{
    public const string Clean = "clean";
    public const string Vulnerable = "vulnerable";
    public const string Broken = "broken";

    public bool Passed => BuildStatus == Clean;

    /// <summary>It looked at the whole of its tree.</summary>
    public bool IsWhole => Paths is null or { IsEmpty: true };

    /// <summary>Whoever passes this has passed the other: the same tree or one around it, in whole, or the
    /// very same part.</summary>
    internal bool Answers(AuditVerdict failed) => IsWhole
        ? failed.Tree == Tree || failed.Tree.StartsWith(Tree.TrimEnd('/') + "/", StringComparison.Ordinal)
        : failed.Tree == Tree && !failed.IsWhole && failed.Paths!.Value.SequenceEqual(Paths!.Value);
}
