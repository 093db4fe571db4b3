namespace Aegis.Core.Routing.Replacements;

public enum ReplacementReason
{
    /// <summary>Its provider does not know it any more.</summary>
    Gone,
    QualityFell,
    AvailabilityFell,
}

/// <summary>The decision that another model stands in for one that is gone or has become worse.</summary>
/// <param name="TaskType">Null for all of them.</param>
/// <param name="At">When it was decided.</param>
public sealed record ModelReplaced(ModelKey From, ModelKey To, ReplacementReason Why,
    ReplacementEvidence Evidence, string? TaskType, DateTimeOffset At);

/// <summary>What the decision was made of.</summary>
/// <param name="Before">Quality or availability in the long memory; of a model that is gone, its
/// quality.</param>
/// <param name="Now">The same in the short one; 0 of a model that is gone.</param>
/// <param name="Weight">Of the verdicts or calls behind it.</param>
/// <param name="Deviation">How unsure the difference is.</param>
/// <param name="PeerQuality">What is known of the stand-in's quality.</param>
/// <param name="PeerCostRatio">Its price by the old one's; null where one of them is unknown or free.</param>
public sealed record ReplacementEvidence(double Before, double Now, double Weight, double Deviation,
    double PeerQuality, double? PeerCostRatio = null);
