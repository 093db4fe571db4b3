using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;
using Xunit.Abstractions;
using static Aegis.Core.Tests.Routing.RoutingSamples;

namespace Aegis.Core.Tests.Routing;

public sealed class RouterTests(ITestOutputHelper output)
{
    public static TheoryData<FilterReason, RouteRequest, RouteCandidate> Filtered()
    {
        var text = Request();
        var able = Candidate("m");
        RouteRequest Needing(ModelNeeds needs) => text with { Needs = needs };
        RouteCandidate With(ModelAbilities abilities) => Candidate("m", abilities);
        return new()
        {
            { FilterReason.None, text, able },
            { FilterReason.Provider, text with { ProvidersAllowed = ["outside"] }, able },
            { FilterReason.None, text with { ProvidersAllowed = ["house"] }, able },
            { FilterReason.Model, text with { ModelsAllowed = [Key("other")] }, able },
            { FilterReason.None, text with { ModelsAllowed = [Key("m")] }, able },
            { FilterReason.Kind, Needing(new(ModelKinds.Embedding)), able },
            { FilterReason.Modality, Needing(new(Modalities: ModelModalities.Audio)), able },
            { FilterReason.None, Needing(new(Modalities: ModelModalities.Image)), able },
            { FilterReason.Tools, Needing(new(Tools: true)), With(Able with { Tools = false }) },
            { FilterReason.None, Needing(new(Tools: true)), able },
            { FilterReason.JsonSchema, Needing(new(JsonSchema: true)),
                With(Able with { JsonSchema = false }) },
            { FilterReason.Locality, Needing(new(LocalOnly: true)),
                With(Able with { Locality = ModelLocality.Cloud }) },
            { FilterReason.None, Needing(new(LocalOnly: true)), able },
            { FilterReason.None, text, With(Able with { ContextTokens = 2_000 }) },
            { FilterReason.Context, text, With(Able with { ContextTokens = 1_999 }) },
            { FilterReason.None, text, With(Able with { ContextTokens = null }) },
            { FilterReason.None, text, With(Able with { OutputTokensMax = 1_000 }) },
            { FilterReason.OutputLength, text, With(Able with { OutputTokensMax = 999 }) },
            // 4,000 tokens at 1 and 1,000 at 4 dollars a million
            { FilterReason.None, text with { BudgetLeftUsd = 0.008m }, able },
            { FilterReason.Budget, text with { BudgetLeftUsd = 0.0079999m }, able },
            { FilterReason.PriceUnknown, text with { BudgetLeftUsd = 1 }, able with { Price = null } },
            { FilterReason.None, text, able with { Price = null } },
        };
    }

    [Theory]
    [MemberData(nameof(Filtered))]
    public void Choose_Candidate_IsFilteredForItsReason(FilterReason reason, RouteRequest request,
        RouteCandidate candidate)
    {
        var choice = Choose(request, candidate);
        Assert.Equal(reason, choice.Scores[0].Filtered);
        Assert.Equal(reason == FilterReason.None ? candidate : null, choice.Chosen);
        var explained = choice.Explain().Candidates[0];
        Assert.Equal(reason == FilterReason.None, string.IsNullOrEmpty(explained.Reason));
    }

    [Fact]
    public void Choose_NothingCanTakeIt_SaysHowManyForWhichReason()
    {
        var blind = Able with { Modalities = ModelModalities.Text };
        var request = Request() with { Needs = new(Modalities: ModelModalities.Image, LocalOnly: true) };
        var choice = Choose(request, Candidate("a", blind), Candidate("b", blind),
            Candidate("c", Able with { Locality = ModelLocality.Cloud }));
        Assert.Null(choice.Chosen);
        Assert.Equal("AEGIS2373", choice.Error?.Code);
        Assert.Equal("2 modality, 1 locality", choice.Error?.Got);
        Assert.Equal("no candidates", Choose(request).Error?.Got);
    }

    [Fact]
    public void Choose_BreakerOpen_IsLeftAloneUntilItsTimeIsOver()
    {
        var breakers = Whole;
        breakers.Report(Key("sick"), 0, BreakerVerdict.Failed, TimeSpan.FromSeconds(30), Noon);
        breakers.Report(Key("gone"), 0, BreakerVerdict.Gone, null, Noon);
        ImmutableArray<RouteCandidate> all = [Candidate("sick"), Candidate("gone"), Candidate("well")];
        RouteChoice At(int second) =>
            Router.Choose(Request(), all, Fresh, breakers, Noon.AddSeconds(second));
        Assert.Equal([FilterReason.Unhealthy, FilterReason.Gone, FilterReason.None],
            At(29).Scores.Select(s => s.Filtered));
        Assert.Equal(FilterReason.None, At(30).Scores[0].Filtered);
    }

    [Fact]
    public void Choose_Parts_AreWhatIsKnown()
    {
        var learning = Learned(Enumerable.Range(0, 50).SelectMany(_ => new ModelFact[]
        {
            Verdict("good", 1), Call("good", ms: 5_000, tokens: 200),
            Verdict("bad", 0), Call("bad", CallOutcome.ServerError),
        }));
        var choice = Router.Choose(Request() with { OutputTokensExpected = 200 },
            [Candidate("bad"), Candidate("good", price: new(10, 40))], learning, Whole, Noon);
        var (bad, good) = (choice.Scores[0], choice.Scores[1]);
        Assert.Equal([1, 0], choice.Chain.ToArray());
        Assert.InRange(good.QualityMean, 0.95, 1);
        Assert.InRange(bad.QualityMean, 0, 0.05);
        Assert.InRange(good.Availability, 0.98, 1);
        Assert.InRange(bad.Availability, 0, 0.1);
        Assert.InRange(good.ExpectedMs, 4_500, 5_500);
        // 1,000 tokens of the prompt and 200 of the answer
        Assert.Equal(0.018, good.ExpectedUsd, 9);
        Assert.Equal(0.01 / 0.028, good.Cost, 9);
    }

    [Fact]
    public void Choose_OneWeight_TheBestInThatPartWins()
    {
        var learning = Learned(Enumerable.Range(0, 30).SelectMany(_ => new ModelFact[]
        {
            Verdict("wise", 1), Verdict("quick", 0.5), Verdict("cheap", 0.5), Verdict("firm", 0.5),
            Call("wise", ms: 9_000), Call("quick", ms: 300), Call("cheap", ms: 9_000),
            Call("firm", ms: 9_000), Call("wise", CallOutcome.TimedOut, 9_000),
            Call("quick", CallOutcome.ServerError), Call("cheap", CallOutcome.ServerError),
        }));
        ImmutableArray<RouteCandidate> all = [Candidate("wise"), Candidate("quick"),
            Candidate("cheap", price: new(0.1m, 0.1m)), Candidate("firm")];
        string Best(RouteWeights weights) =>
            Router.Choose(Request() with { Weights = weights }, all, learning, Whole, Noon)
                .Chosen!.Key.Model;
        var none = RouteWeights.Default with { Quality = 0, Latency = 0, Cost = 0, Availability = 0 };
        Assert.Equal("wise", Best(none with { Quality = 1 }));
        Assert.Equal("quick", Best(none with { Latency = 1 }));
        Assert.Equal("cheap", Best(none with { Cost = 1 }));
        Assert.Equal("firm", Best(none with { Availability = 1 }));
    }

    [Fact]
    public void Choose_UnknownPrice_CountsAsTheDearest()
    {
        var choice = Choose(Request(), Candidate("a") with { Price = null },
            Candidate("b", price: new(900, 900)));
        Assert.Equal("b", choice.Chosen!.Key.Model);
        Assert.Equal(0, choice.Scores[0].Cost);
        Assert.True(double.IsNaN(choice.Scores[0].ExpectedUsd));
        Assert.DoesNotContain("NaN", Json(choice.Explain()));
    }

    [Fact]
    public void Choose_ChainIsTheBestInOrder_AndNoLongerThanItsMaximum()
    {
        var learning = Learned(Enumerable.Range(0, 40).Select(i => Verdict($"m{i}", i / 40d)));
        foreach (var count in new[] { 1, Router.ChainMax, Router.ChainMax + 1, 40 })
        {
            var choice = Router.Choose(Request(),
                [.. Enumerable.Range(0, count).Select(i => Candidate($"m{i * 7 % count}"))], learning, Whole,
                Noon);
            Assert.Equal(choice.Scores.OrderByDescending(s => s.Total).Take(Router.ChainMax)
                .Select(s => s.Candidate.Key), choice.Candidates.Select(c => c.Key));
        }
    }

    [Fact]
    public void Choose_CandidatesMax_AndOneMore()
    {
        var all = Enumerable.Repeat(Candidate("m"), Router.CandidatesMax).ToImmutableArray();
        Assert.NotNull(Choose(Request(), all).Chosen);
        Assert.Throws<ArgumentOutOfRangeException>(() => Choose(Request(), all.Add(Candidate("m"))));
    }

    [Fact]
    public void Choose_SameSeed_ChoosesTheSame_AndOtherSeedsOthers()
    {
        ImmutableArray<RouteCandidate> all = [.. Enumerable.Range(0, 20).Select(i => Candidate($"m{i}"))];
        RouteChoice By(int seed) => Router.Choose(
            Request((ulong)seed) with { Exploration = Exploration.Sample }, all, Fresh, Whole, Noon);
        Assert.Equal(Json(By(5).Explain()), Json(By(5).Explain()));
        var chosen = Enumerable.Range(0, 200).Select(seed => By(seed).Chosen!.Key).Distinct().Count();
        // of twenty about which nothing is known, each has its turn
        Assert.Equal(20, chosen);
    }

    [Fact]
    public void Choose_ThreeHundred_AllocatesOneArray()
    {
        ImmutableArray<RouteCandidate> all = [.. Enumerable.Range(0, 300).Select(i => Candidate($"m{i}"))];
        var learning = Learned(Enumerable.Range(0, 300).SelectMany(i => new ModelFact[]
        {
            Verdict($"m{i}", 0.5), Call($"m{i}"),
        }));
        var request = Request() with { BudgetLeftUsd = 1, ModelsAllowed = [.. all.Select(c => c.Key)] };
        var breakers = Whole;
        Router.Choose(request, all, learning, breakers, Noon.AddHours(1));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var choice = Router.Choose(request, all, learning, breakers, Noon.AddHours(1));
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine($"{bytes} bytes");
        Assert.Equal(300, choice.Scores.Count(s => s.Filtered == FilterReason.None));
        Assert.True(bytes < 300 * 104 + 1_000, $"{bytes} bytes");
    }

    [Fact]
    public void Explanation_Json_IsReadBackAsItWas()
    {
        var choice = Choose(Request() with { BudgetLeftUsd = 1 }, Candidate("a"), Candidate("dear",
            price: new(900, 900)), Candidate("b/with/slashes"));
        var json = Json(choice.Explain());
        output.WriteLine(json);
        var back = JsonSerializer.Deserialize<RouteExplanation>(json, RouteExplanation.Json)!;
        Assert.Equal(json, Json(back));
        Assert.Equal(["house/a", "house/b/with/slashes"], back.Chain.ToArray());
        Assert.Equal(["a", "b/with/slashes", "dear"], back.Candidates.Select(c => c.Model));
        Assert.Equal([1, 2, null], back.Candidates.Select(c => c.Rank));
    }

    [Theory]
    [InlineData("house/m", "house", "m")]
    [InlineData("house/a/b", "house", "a/b")]
    [InlineData("house/", null, null)]
    [InlineData("/m", null, null)]
    [InlineData("m", null, null)]
    public void ModelKey_Text_IsProviderAndModel(string text, string? provider, string? model)
    {
        var key = ModelKey.Parse(text);
        Assert.Equal((provider, model), (key?.Provider, key?.Model));
        Assert.True(key is null || key.Value.ToString() == text);
    }

    [Theory]
    [InlineData(0.6, 0.1, 0.15, 0.15, 1, 1, true)]
    [InlineData(0, 0, 0, 1_000, 1, 1, true)]
    [InlineData(0, 0, 0, 1_001, 1, 1, false)]
    [InlineData(0, 0, 0, 0, 1, 1, false)]
    [InlineData(1, -0.1, 0, 0, 1, 1, false)]
    [InlineData(1, double.NaN, 0, 0, 1, 1, false)]
    [InlineData(1, 1, 1, 1, 0, 1, false)]
    [InlineData(1, 1, 1, 1, 1, 0, false)]
    public void Weights_AreHeldToTheirRange(double quality, double latency, double cost, double availability,
        int halfSeconds, int halfUsd, bool fits) =>
        Assert.Equal(fits ? null : "AEGIS2372", new RouteWeights(quality, latency, cost, availability,
            TimeSpan.FromSeconds(halfSeconds), halfUsd).Check()?.Code);

    private static string Json(RouteExplanation explained) =>
        JsonSerializer.Serialize(explained, RouteExplanation.Json);
}
