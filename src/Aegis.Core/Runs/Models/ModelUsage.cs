using System.Collections.Immutable;

namespace Aegis.Core.Runs.Models;

/// <summary>The calls to models of one stream, summed by key: a fold of its facts in their order, so that
/// memory, restart and rebuild come to the same rows.</summary>
public sealed record ModelUsage(ImmutableDictionary<ModelUsageKey, ModelTotals> Totals)
{
    /// <summary>Keys of one stream that are told apart by what callers name; later ones are counted as
    /// <see cref="ModelUsageKey.Others"/>. No sum loses anything by it.</summary>
    public const int KeysMax = 4_096;

    public static ModelUsage None { get; } =
        new(ImmutableDictionary<ModelUsageKey, ModelTotals>.Empty);

    public ModelUsage With(string stepId, ImmutableArray<ModelUse>? uses, DateTimeOffset at)
    {
        if (uses is not { IsDefaultOrEmpty: false } some)
        {
            return this;
        }
        var totals = Totals;
        foreach (var use in some)
        {
            var key = ModelUsageKey.Of(stepId, use, at);
            if (totals.Count >= KeysMax && !totals.ContainsKey(key))
            {
                key = key.WithOthers();
            }
            totals = totals.SetItem(key, totals.GetValueOrDefault(key, ModelTotals.None).With(use));
        }
        return new ModelUsage(totals);
    }

    /// <summary>Keys whose sums are others than before.</summary>
    public IEnumerable<KeyValuePair<ModelUsageKey, ModelTotals>> Since(ModelUsage before) =>
        ReferenceEquals(Totals, before.Totals) ? []
            : Totals.Where(t => !ReferenceEquals(before.Totals.GetValueOrDefault(t.Key), t.Value));
}
