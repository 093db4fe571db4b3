using Aegis.Core.Errors;

namespace Aegis.Core.Routing;

/// <summary>How much each part of a score counts; only their ratios matter. A part is 1 at its best and 0 at
/// its worst.</summary>
/// <param name="LatencyHalf">The time to an answer at which the part of latency is one half.</param>
/// <param name="CostHalfUsd">The price of a call at which the part of cost is one half.</param>
public sealed record RouteWeights(double Quality, double Latency, double Cost, double Availability,
    TimeSpan LatencyHalf, decimal CostHalfUsd)
{
    public static RouteWeights Default { get; } =
        new(0.6, 0.1, 0.15, 0.15, TimeSpan.FromSeconds(5), 0.01m);

    internal double Sum => Quality + Latency + Cost + Availability;

    /// <summary>What is wrong with these weights; null where nothing is.</summary>
    public AegisError? Check() =>
        !(Fits(Quality) && Fits(Latency) && Fits(Cost) && Fits(Availability)) || Sum <= 0
            ? new("AEGIS2372", "the weights of routing cannot be used",
                "quality, latency, cost and availability from 0 to 1,000, not all of them 0",
                $"{Quality}, {Latency}, {Cost}, {Availability}")
            : LatencyHalf <= TimeSpan.Zero || CostHalfUsd <= 0
                ? new("AEGIS2372", "a scale of routing is not positive",
                    "a latency and a cost above 0 at which their parts are one half",
                    $"{LatencyHalf}, {CostHalfUsd} USD")
                : null;

    private static bool Fits(double weight) => weight is >= 0 and <= 1_000;
}
