using System.Collections.Immutable;

namespace Aegis.Core.Runs.Audits;

/// <summary>A verdict, and the step that it stands at.</summary>
public sealed record AuditFact(string StepId, AuditVerdict Verdict);

/// <summary>What the audits of a run say as it stands: those that failed and were not passed since, and those
/// that were passed in whole and did not fail since. A step's end, a human's answer or an approval changes
/// nothing here: only another audit does.</summary>
public sealed record RunAudits(ImmutableArray<AuditFact> Failed, ImmutableArray<AuditFact> Passed)
{
    public static RunAudits None { get; } = new([], []);

    public bool IsEmpty => Failed.IsEmpty && Passed.IsEmpty;

    public RunAudits With(string stepId, AuditVerdict verdict) => verdict.Passed
        ? new([.. Failed.Where(failed => !verdict.Answers(failed.Verdict))],
            verdict.IsWhole ? [.. Passed.Where(passed => passed.Verdict.Tree != verdict.Tree),
                new AuditFact(stepId, verdict)] : Passed)
        : new([.. Failed.Where(failed => !Same(failed.Verdict, verdict)), new AuditFact(stepId, verdict)],
            [.. Passed.Where(passed => !Touches(passed.Verdict, verdict))]);

    /// <summary>Those of a run below, which stands at this step: what it passed, then what it
    /// failed.</summary>
    public RunAudits With(string stepId, RunAudits below)
    {
        var all = this;
        foreach (var fact in below.Passed.Concat(below.Failed))
        {
            all = all.With(stepId, fact.Verdict);
        }
        return all;
    }

    /// <summary>With what failed in the runs above, and with what passed there.</summary>
    public RunAudits Below(RunAudits above) => above.IsEmpty ? this
        : new([.. above.Failed.Where(failed => !Passed.Any(passed => passed.Verdict.Answers(failed.Verdict))),
            .. Failed], [.. above.Passed, .. Passed]);

    /// <summary>An audit stands at this step, or at one that it has made.</summary>
    public bool StandsAt(string stepId) => Failed.Concat(Passed).Any(fact => fact.StepId == stepId
        || fact.StepId.StartsWith(stepId + ".", StringComparison.Ordinal));

    private static bool Same(AuditVerdict a, AuditVerdict b) => a.Tree == b.Tree
        && (a.Paths ?? []).SequenceEqual(b.Paths ?? []);

    // a failure in a part is a failure of what is around it
    private static bool Touches(AuditVerdict passed, AuditVerdict failed) => passed.Answers(failed)
        || passed.Tree.StartsWith(failed.Tree.TrimEnd('/') + "/", StringComparison.Ordinal);
}
