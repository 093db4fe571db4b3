namespace Aegis.Core.Routing;

/// <summary>What a choice made of one candidate.</summary>
/// <param name="Filtered">None where it can take the call; else the parts are 0.</param>
/// <param name="Total">Its score, from 0 to 1: the weighted mean of the four parts.</param>
/// <param name="Quality">The part: drawn from what is known, see <see cref="Exploration"/>.</param>
/// <param name="QualityMean">What is known of its quality for the task type.</param>
/// <param name="QualityDeviation">How unsure that is.</param>
/// <param name="Evidence">The weight of the verdicts behind it, faded by age.</param>
/// <param name="ExpectedMs">Until the whole answer is there.</param>
/// <param name="ExpectedUsd">NaN where nobody states the price.</param>
public readonly record struct CandidateScore(
    RouteCandidate Candidate,
    FilterReason Filtered,
    double Total,
    double Quality,
    double Latency,
    double Cost,
    double Availability,
    double QualityMean,
    double QualityDeviation,
    double Evidence,
    double ExpectedMs,
    double ExpectedUsd)
{
    public static CandidateScore Out(RouteCandidate candidate, FilterReason reason) =>
        new(candidate, reason, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
