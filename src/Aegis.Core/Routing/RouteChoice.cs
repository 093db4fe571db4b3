using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Routing;

/// <summary>A choice with everything that it was made of.</summary>
/// <param name="Scores">Of every candidate, in the order in which they were given.</param>
/// <param name="Chain">Places in <paramref name="Scores"/>: the chosen one, then its fallbacks; empty where
/// no candidate can take the call.</param>
public sealed record RouteChoice(RouteRequest Request, DateTimeOffset At,
    ImmutableArray<CandidateScore> Scores, ImmutableArray<int> Chain)
{
    public RouteCandidate? Chosen => Chain.IsEmpty ? null : Scores[Chain[0]].Candidate;

    public IEnumerable<RouteCandidate> Candidates => Chain.Select(i => Scores[i].Candidate);

    /// <summary>Why nothing was chosen; null where something was.</summary>
    public AegisError? Error => !Chain.IsEmpty ? null : new("AEGIS2373",
        $"no model can take this call of the task type {Request.TaskType}",
        "a candidate that is allowed, able, affordable and healthy",
        Scores.IsEmpty ? "no candidates" : string.Join(", ", Scores.GroupBy(s => s.Filtered)
            .OrderByDescending(g => g.Count())
            .Select(g => $"{g.Count()} {FilterText.Of(g.Key)}")),
        "widen what the profile allows, raise the budget, or ask for less; "
            + "aegis models route --explain shows each candidate's reason");

    public RouteExplanation Explain() => RouteExplanation.Of(this);
}
