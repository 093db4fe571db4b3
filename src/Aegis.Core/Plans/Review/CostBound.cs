namespace Aegis.Core.Plans.Review;

/// <summary>What something costs at least and at most, in US dollars.</summary>
/// <param name="Least">Of a run that succeeds, each step at its first try.</param>
/// <param name="Most">Null where nothing in the plan bounds it.</param>
/// <param name="Why">What the reckoning rests on, or why there is no bound; one sentence each.</param>
public sealed record CostBound(decimal Least, decimal? Most, IReadOnlyList<string> Why)
{
    public static CostBound Nothing { get; } = new(0, 0, []);

    public CostBound Times(int least, int most) => this with { Least = Least * least, Most = Most * most };
}
