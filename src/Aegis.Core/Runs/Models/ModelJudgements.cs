using System.Collections.Immutable;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Models;

/// <summary>
/// What a run finds out about the models that it asks: a fold of its facts, so that no fact of its own is
/// needed. Tests judge all models whose answers came before them in the run, and so does a human who is asked
/// whether to go on; each step judges a model once. Not judged: answers of a rehearsal, which say nothing of
/// the model that they are named after, and a question of the gate, which is about a call and not about an
/// answer.
/// </summary>
public static class ModelJudgements
{
    /// <summary>Of one run; what comes later says nothing.</summary>
    public const int CountMax = 10_000;

    public const string Tests = "tests.run";

    // some test failed; all other failures say nothing of what was tested
    private const string TestsFailed = "AEGIS2364";

    public static RunState OfTests(RunState run, ToolReturned fact, DateTimeOffset at) =>
        fact.Tool != Tests || !(fact.Ok || fact.Error?.Code == TestsFailed) ? run
            : Judged(run, fact.StepId, VerdictKind.TestsPassed, Tests, fact.Ok, at);

    /// <summary>After a human's answer is folded.</summary>
    public static RunState OfAnswer(RunState run, string stepId, DateTimeOffset at)
    {
        var answer = run.Graph.IndexOf(stepId) is { } index ? run.Tasks[index].Approval : null;
        return answer is { Rule: null, Granted: { } granted, Actor: { } actor } && actor != Approvals.Nobody
            ? Judged(run, stepId, VerdictKind.UserApproval, actor, granted, at)
            : run;
    }

    private static RunState Judged(RunState run, string stepId, VerdictKind kind, string actor, bool good,
        DateTimeOffset at)
    {
        var more = run.Models.Totals.Where(t => t.Value.Answered > 0 && IsReal(t.Key))
            .Select(t => (t.Key.TaskType, t.Key.Provider, t.Key.Model)).Distinct()
            .Except(run.Judgements.Where(j => j.StepId == stepId && j.Kind == kind)
                .Select(j => (j.TaskType, j.Provider, j.Model)))
            .Order()
            .Select(m => new ModelJudgement(
                stepId, kind, actor, m.TaskType, m.Provider, m.Model, good ? 1 : 0, at))
            .Take(Math.Max(0, CountMax - run.Judgements.Length));
        return run with { Judgements = [.. run.Judgements, .. more] };
    }

    private static bool IsReal(ModelUsageKey key) =>
        key.Origin is "live" or "cached" && key.TaskType != ModelUsageKey.Others;
}
