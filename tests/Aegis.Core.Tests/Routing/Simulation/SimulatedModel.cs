using Aegis.Core.Routing;

namespace Aegis.Core.Tests.Routing.Simulation;

/// <summary>A model that exists on paper only. What it is worth is hidden from whoever chooses; its price is
/// not.</summary>
/// <param name="Quality">By task type, in the order of <see cref="SimulatedMonth.TaskTypes"/>.</param>
/// <param name="Ms">The median of a call.</param>
/// <param name="Failing">The share of calls that fail.</param>
internal sealed record SimulatedModel(string Name, double[] Quality, RoutePrice Price, double Ms,
    double Failing)
{
    /// <summary>From the day of its change on; null for one that stays as good as it is.</summary>
    public double[]? LaterQuality { get; init; }

    /// <summary>From the day of its change on; null for one that stays as dear as it is.</summary>
    public RoutePrice? LaterPrice { get; init; }

    public double ChangesOnDay { get; init; } = double.MaxValue;

    public double GoneOnDay { get; init; } = double.MaxValue;

    public ModelKey Key => new("paper", Name);

    public double QualityAt(double day, int task) =>
        day >= ChangesOnDay && LaterQuality is { } later ? later[task] : Quality[task];

    public RoutePrice PriceAt(double day) =>
        day >= ChangesOnDay && LaterPrice is { } later ? later : Price;

    public bool IsThere(double day) => day < GoneOnDay;

    public RouteCandidate CandidateAt(double day) =>
        new(Key, new(ModelKinds.Chat, ModelModalities.Text, 200_000), PriceAt(day));
}
