using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Core.Runs.Audits;

/// <summary>The Auditor's veto: what leaves the house is refused in a run whose audit failed, until the same
/// tree passes one. There is no parameter by which anybody could let it pass.</summary>
public static class AuditVeto
{
    /// <summary>Tools that hand work on to others.</summary>
    public static ImmutableArray<string> Guarded { get; } =
        ["git.push", "repo.pr.create", "repo.pr.merge", "deploy"];

    /// <summary>An audit by this one is what a project demands.</summary>
    public const string RulesetRequired = "auditor";

    public static bool Guards(string tool) => Guarded.Any(pattern => ToolPattern.Covers(pattern, tool));

    /// <param name="audits">Null for a call outside of runs.</param>
    /// <param name="required">The project demands an audit that was passed.</param>
    /// <param name="rulesHash">Of the rules in force; a pass under others opens nothing. Null on a node that
    /// knows none.</param>
    public static AegisError? Refusal(
        string tool, RunAudits? audits, bool required, string? rulesHash = null)
    {
        if (!Guards(tool))
        {
            return null;
        }
        if (audits is { Failed: [var failed, ..] })
        {
            var verdict = failed.Verdict;
            return new AegisError("AEGIS2640",
                $"the Auditor's veto: {verdict.Tree} is {verdict.BuildStatus} by the audit of step "
                    + $"{failed.StepId}",
                $"an audit of {verdict.Tree} that passes",
                $"{verdict.Blocking} blocking findings under the rule set {verdict.Ruleset}",
                "mend what it found and audit the same tree again; nobody can approve past it");
        }
        if (rulesHash is not null && audits?.Passed.Select(p => p.Verdict).FirstOrDefault(v =>
            v.Ruleset == RulesetRequired && v.RulesetHash != rulesHash) is { } old)
        {
            return new AegisError("AEGIS2651", $"{old.Tree} passed an audit under other rules than those in "
                + "force", $"an audit by the rules {rulesHash[..12]}", old.RulesetHash[..Math.Min(
                    12, old.RulesetHash.Length)], "audit the same tree again: the rules have changed since");
        }
        return required && audits?.Passed.Any(passed => passed.Verdict.Ruleset == RulesetRequired) != true
            ? new AegisError("AEGIS2641", $"the project demands an audit before {tool}",
                "a step audit.scan of the whole tree that passed, in this run",
                audits is null ? "a call outside of a run" : "none in this run",
                "put a step with audit.scan before it (policies.audit of the profile says required)")
            : null;
    }
}
