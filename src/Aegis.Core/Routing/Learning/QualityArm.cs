namespace Aegis.Core.Routing.Learning;

/// <summary>What verdicts say of a model for one task type, faded to <paramref name="At"/>.</summary>
/// <param name="Recent">With the short memory, from which choices are made.</param>
/// <param name="Long">With the long one, against which a fall shows.</param>
public sealed record QualityArm(Share Recent, Share Long, DateTimeOffset At)
{
    internal static QualityArm Empty { get; } = new(default, default, DateTimeOffset.MinValue);

    internal QualityArm Add(double value, double weight, DateTimeOffset at, LearningRules rules)
    {
        var now = To(at, rules);
        // a verdict that comes late counts as if it had come in time
        var late = now.At - at;
        return new(
            now.Recent.With(value, weight * SteadyMath.Fade(late, rules.QualityHalfLife)),
            now.Long.With(value, weight * SteadyMath.Fade(late, rules.LongQualityHalfLife)),
            now.At);
    }

    /// <summary>Without a new arm: a choice asks for each of its candidates.</summary>
    internal Share RecentAt(DateTimeOffset now, LearningRules rules) =>
        Recent.Faded(SteadyMath.Fade(now - At, rules.QualityHalfLife));

    internal QualityArm To(DateTimeOffset now, LearningRules rules) => now <= At ? this : new(
        Recent.Faded(SteadyMath.Fade(now - At, rules.QualityHalfLife)),
        Long.Faded(SteadyMath.Fade(now - At, rules.LongQualityHalfLife)), now);
}
