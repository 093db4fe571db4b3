namespace Aegis.Core.Routing.Replacements;

/// <summary>When a model counts as degraded, and what makes a good stand-in.</summary>
public sealed record ReplacementRules
{
    public double QualityMargin { get; init; } = 0.15;

    public double AvailabilityMargin { get; init; } = 0.25;

    /// <summary>Of recent verdicts or calls; with less nothing is decided.</summary>
    public double WeightMin { get; init; } = 20;

    /// <summary>The fall must be so many times as large as it is unsure.</summary>
    public double Deviations { get; init; } = 3;

    /// <summary>Twice the price weighs as much as this loss of quality.</summary>
    public double LossOfDouble { get; init; } = 0.05;

    public static ReplacementRules Default { get; } = new();
}
