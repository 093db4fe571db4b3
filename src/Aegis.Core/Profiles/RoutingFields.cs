using Aegis.Core.Errors;
using Aegis.Core.Routing;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>routing</c> of a profile.</summary>
internal static class RoutingFields
{
    private const decimal WeightMax = 1_000;
    private const long LatencyMsMax = 3_600_000;

    public static RouteWeights Read(YamlFields profile, List<Diagnostic> errors)
    {
        var usual = RouteWeights.Default;
        if (profile.Value("routing") is not { } value || YamlFields.Of(value, "routing", errors, "quality",
            "latency", "cost", "availability", "latency_half_ms", "cost_half_usd") is not { } fields)
        {
            return usual;
        }
        var known = errors.Count;
        var weights = new RouteWeights(Weight("quality", usual.Quality), Weight("latency", usual.Latency),
            Weight("cost", usual.Cost), Weight("availability", usual.Availability),
            fields.Integer("latency_half_ms", 1, LatencyMsMax) is { } half
                ? TimeSpan.FromMilliseconds(half) : usual.LatencyHalf,
            fields.Number("cost_half_usd", 0.000_001m, WeightMax) ?? usual.CostHalfUsd);
        if (errors.Count == known && weights.Check() is { } wrong)
        {
            errors.Add(new(value.At, wrong));
        }
        return weights;

        double Weight(string name, double otherwise) =>
            (double?)fields.Number(name, 0, WeightMax) ?? otherwise;
    }
}
