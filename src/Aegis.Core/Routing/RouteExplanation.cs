using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Core.Routing;

/// <summary>A choice for people and for the ledger.</summary>
/// <param name="Chain">The chosen model and its fallbacks, as <c>provider/model</c>.</param>
/// <param name="Candidates">By rank, then those that cannot take the call.</param>
public sealed record RouteExplanation(
    string TaskType,
    // as text: a number of JSON does not hold all of it everywhere
    [property: JsonNumberHandling(
        JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    ulong Seed,
    Exploration Exploration,
    DateTimeOffset At,
    ImmutableArray<string> Chain,
    ImmutableArray<ExplainedCandidate> Candidates)
{
    /// <summary>Snake case, words for enums; what says nothing is left out.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerOptions.Strict)
    {
        IgnoreReadOnlyProperties = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    internal static RouteExplanation Of(RouteChoice choice) => new(
        choice.Request.TaskType, choice.Request.Seed, choice.Request.Exploration, choice.At,
        [.. choice.Candidates.Select(c => c.Key.ToString())],
        [.. choice.Scores.OrderBy(s => s.Filtered != FilterReason.None).ThenByDescending(s => s.Total)
            .ThenBy(s => s.Candidate.Key)
            .Select((score, i) => ExplainedCandidate.Of(score, i + 1, choice.Request))]);
}

/// <param name="Rank">From 1; null where it cannot take the call.</param>
/// <param name="Filtered">Why it cannot take the call; <paramref name="Reason"/> says it in words.</param>
public sealed record ExplainedCandidate(string Provider, string Model, int? Rank = null,
    double? Score = null, ExplainedParts? Parts = null, FilterReason? Filtered = null, string? Reason = null)
{
    internal static ExplainedCandidate Of(CandidateScore score, int rank, RouteRequest request)
    {
        var (provider, model) = (score.Candidate.Key.Provider, score.Candidate.Key.Model);
        return score.Filtered == FilterReason.None
            ? new(provider, model, rank, score.Total, ExplainedParts.Of(score), null, null)
            : new(provider, model, Filtered: score.Filtered,
                Reason: CandidateFilter.Words(score.Filtered, request, score.Candidate));
    }
}

/// <summary>The parts of a score, as in <see cref="CandidateScore"/>.</summary>
public sealed record ExplainedParts(double Quality, double QualityMean, double QualityDeviation,
    double Evidence, double Latency, double ExpectedMs, double Cost, double Availability,
    double? ExpectedUsd = null)
{
    internal static ExplainedParts Of(CandidateScore s) => new(s.Quality, s.QualityMean, s.QualityDeviation,
        s.Evidence, s.Latency, s.ExpectedMs, s.Cost, s.Availability,
        double.IsNaN(s.ExpectedUsd) ? null : s.ExpectedUsd);
}

internal static class FilterText
{
    public static string Of(FilterReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(
        reason.ToString()).Replace('_', ' ');
}
