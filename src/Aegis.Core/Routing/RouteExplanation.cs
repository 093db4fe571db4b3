using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Core.Routing;

/// <summary>A choice for people and for the ledger: as JSON, or as a table.</summary>
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

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public string ToTable()
    {
        var wide = Math.Max(5, Candidates.Select(c => c.Name.Length).DefaultIfEmpty().Max());
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"""
            {"rank",4}  {"model".PadRight(wide)}  score  quality (mean ± dev, evidence)  latency  cost  avail.
            """);
        foreach (var candidate in Candidates)
        {
            table.AppendLine(candidate.Row(wide));
        }
        return table.ToString();
    }
}

/// <param name="Rank">From 1; null where it cannot take the call.</param>
/// <param name="Filtered">Why it cannot take the call; <paramref name="Reason"/> says it in words.</param>
public sealed record ExplainedCandidate(string Provider, string Model, int? Rank = null,
    double? Score = null, ExplainedParts? Parts = null, FilterReason? Filtered = null, string? Reason = null)
{
    internal string Name => $"{Provider}/{Model}";

    internal static ExplainedCandidate Of(CandidateScore score, int rank, RouteRequest request)
    {
        var (provider, model) = (score.Candidate.Key.Provider, score.Candidate.Key.Model);
        return score.Filtered == FilterReason.None
            ? new(provider, model, rank, score.Total, ExplainedParts.Of(score), null, null)
            : new(provider, model, Filtered: score.Filtered,
                Reason: CandidateFilter.Words(score.Filtered, request, score.Candidate));
    }

    internal string Row(int wide) => Parts is null
        ? string.Create(CultureInfo.InvariantCulture, $"   -  {Name.PadRight(wide)}  {Reason}")
        : string.Create(CultureInfo.InvariantCulture,
            $"{Rank,4}  {Name.PadRight(wide)}  {Score:0.000}  {Parts.Quality:0.000} "
            + $"({Parts.QualityMean:0.000} ± {Parts.QualityDeviation:0.000}, {Parts.Evidence:0.0})")
            .PadRight(wide + 46) + string.Create(CultureInfo.InvariantCulture,
            $"  {Parts.Latency:0.000} ({Parts.ExpectedMs:0} ms)  {Parts.Cost:0.000} "
            + $"({(Parts.ExpectedUsd is { } usd ? $"${usd:0.000000}" : "price unknown")})  "
            + $"{Parts.Availability:0.000}");
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
