using System.Collections.Immutable;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Routing.Replacements;
using static Aegis.Core.Tests.Routing.RoutingSamples;

namespace Aegis.Core.Tests.Routing;

public sealed class ModelWatchTests
{
    private static readonly DateTimeOffset Later = Noon.AddDays(24);

    private static readonly ImmutableArray<RouteCandidate> All =
    [
        Candidate("old"), Candidate("near"), Candidate("far"),
        Candidate("blind", Able with { Tools = false }),
    ];

    [Fact]
    public void Healthy_Stays() => Assert.Null(Judge(Learned(Good("old"), Good("near")), Whole));

    [Fact]
    public void Gone_IsReplaced_ByThePeerThatLosesLeast()
    {
        var breakers = Whole;
        breakers.Report(Key("old"), 0, BreakerVerdict.Gone, null, Later);
        var replaced = Judge(Learned(Good("old"), Good("near"), Good("far", 0.5), Good("blind")), breakers)!;
        Assert.Equal((Key("old"), Key("near"), ReplacementReason.Gone, (string?)null),
            (replaced.From, replaced.To, replaced.Why, replaced.TaskType));
        Assert.Equal(1, replaced.Evidence.PeerCostRatio);
    }

    [Fact]
    public void QualityFell_WithEvidence_IsReplaced_ForThatTaskType()
    {
        var replaced = Judge(Learned(Good("old"), Bad("old", 60), Good("near"), Good("far", 0.3)), Whole)!;
        Assert.Equal((Key("near"), ReplacementReason.QualityFell, "coding"),
            (replaced.To, replaced.Why, replaced.TaskType));
        var (evidence, rules) = (replaced.Evidence, ReplacementRules.Default);
        Assert.True(evidence.Before - evidence.Now >= rules.QualityMargin);
        Assert.True(evidence.Weight >= rules.WeightMin);
    }

    [Theory]
    [InlineData(8)] // too little of it
    [InlineData(0)]
    public void QualityFell_WithoutEvidence_Stays(int verdicts) =>
        Assert.Null(Judge(Learned(Good("old", count: 8), Bad("old", verdicts), Good("near")), Whole));

    [Fact]
    public void QualityFell_AndNobodyIsBetter_Stays() =>
        Assert.Null(Judge(Learned(Good("old"), Bad("old", 60), Bad("near", 200), Bad("far", 200)), Whole));

    [Fact]
    public void AvailabilityFell_IsReplaced_ForAllTaskTypes()
    {
        // every ten minutes for ten days, and nothing but errors in the last six hours
        var calls = Enumerable.Range(0, 1_440).Select(i => (ModelFact)Call("old",
            i < 1_404 ? CallOutcome.Answered : CallOutcome.ServerError,
            at: Later.AddMinutes(10 * (i - 1_440))));
        var replaced = Judge(Learned([.. calls, .. Good("near")]), Whole)!;
        Assert.Equal((Key("near"), ReplacementReason.AvailabilityFell, (string?)null),
            (replaced.To, replaced.Why, replaced.TaskType));
    }

    [Fact]
    public void Peer_TakesEveryCallThatTheOldOneTook()
    {
        ModelAbilities[] lesser =
        [
            Able with { Kinds = ModelKinds.Embedding }, Able with { Modalities = ModelModalities.Text },
            Able with { Tools = false }, Able with { JsonSchema = false },
            Able with { ContextTokens = 99_999 }, Able with { ContextTokens = null },
            Able with { OutputTokensMax = 7_999 },
            Able with { Locality = ModelLocality.Cloud },
        ];
        Assert.All(lesser, other => Assert.False(other.Covers(Able)));
        Assert.All(lesser.Where(a => a.Kinds == Able.Kinds && a.ContextTokens is { }),
            other => Assert.True(Able.Covers(other)));
        Assert.True(Able.Covers(Able));
    }

    [Fact]
    public void Peer_DearerOrUnknown_LosesToOneThatIsNot()
    {
        var breakers = Whole;
        breakers.Report(Key("old"), 0, BreakerVerdict.Gone, null, Later);
        var learning = Learned(Good("old"), Good("dear"), Good("near", 0.88), Good("secret"));
        Assert.Equal("near", ModelWatch.Judge(Key("old"), "acme", "coding",
            [Candidate("old"), Candidate("dear", price: new(8, 32)), Candidate("near"),
                Candidate("secret") with { Price = null }], learning, breakers, Later,
            ReplacementRules.Default)!.To.Model);
    }

    [Fact]
    public void Replacements_AreFollowed_PerTaskType_AndEndInACircle()
    {
        var all = ModelReplacements.None.With(Decision("a", "b", "coding")).With(Decision("b", "c", null));
        Assert.Equal(Key("c"), all.Follow(Key("a"), "coding").Model);
        Assert.Equal(2, all.Follow(Key("a"), "coding").Why.Length);
        Assert.Equal(Key("a"), all.Follow(Key("a"), "extraction").Model);
        // b stands in for c again: c's own decision ends
        var back = all.With(Decision("c", "b", null));
        Assert.Equal(Key("b"), back.Follow(Key("a"), "coding").Model);
        Assert.Equal(Key("b"), back.Follow(Key("c"), "coding").Model);
        Assert.Equal(Key("a"), all.Without(Key("a")).Follow(Key("a"), "coding").Model);
        var circle = ModelReplacements.None.With(Decision("a", "b", null)).With(Decision("b", "a", "coding"));
        Assert.Equal(Key("b"), circle.Follow(Key("a"), "coding").Model);
    }

    [Fact]
    public void Replacements_AtTheMaximum_AndOnePastIt()
    {
        var chain = Enumerable.Range(0, ModelReplacements.StepsMax + 1).Aggregate(ModelReplacements.None,
            (all, i) => all.With(Decision($"m{i}", $"m{i + 1}", null)));
        Assert.Equal(Key($"m{ModelReplacements.StepsMax + 1}"), chain.Follow(Key("m1"), "coding").Model);
        Assert.Equal(Key($"m{ModelReplacements.StepsMax}"), chain.Follow(Key("m0"), "coding").Model);
    }

    private static ModelReplaced Decision(string from, string to, string? task) =>
        new(Key(from), Key(to), ReplacementReason.Gone, new(0, 0, 0, 0, 0, null), task, Noon);

    private static ModelReplaced? Judge(ModelLearning learning, BreakerBook breakers) => ModelWatch.Judge(
        Key("old"), "acme", "coding", All, learning, breakers, Later, ReplacementRules.Default);

    private static ModelLearning Learned(params IEnumerable<ModelFact>[] facts) =>
        RoutingSamples.Learned(facts.SelectMany(f => f).OrderBy(f => f.At));

    // over the twenty days before the last four
    private static IEnumerable<ModelFact> Good(string model, double value = 0.9, int count = 400) =>
        Enumerable.Range(0, count).Select(i => Verdict(model, value, Noon.AddDays(20d * i / count)));

    // within the last two days
    private static IEnumerable<ModelFact> Bad(string model, int count) => Enumerable.Range(0, count)
        .Select(i => Verdict(model, 0.2, Later.AddHours(-48d * (count - i) / count)));
}
