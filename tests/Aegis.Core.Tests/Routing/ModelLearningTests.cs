using System.Text.Json;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Learning;
using Xunit.Abstractions;
using static Aegis.Core.Tests.Routing.RoutingSamples;

namespace Aegis.Core.Tests.Routing;

public sealed class ModelLearningTests(ITestOutputHelper output)
{
    [Fact]
    public void SameFacts_SameState_ToTheLastBit()
    {
        var facts = Facts(Seeded.Random(output), 3_000);
        Assert.Equal(Json(Learned(facts)), Json(Learned(facts)));
    }

    [Fact]
    public void Snapshot_AndTheFactsAfterIt_AreAllFacts()
    {
        var random = Seeded.Random(output);
        var facts = Facts(random, 2_000);
        var at = random.Next(facts.Count);
        var text = Json(Learned(facts.Take(at)));
        var half = ModelLearning.From(
            JsonSerializer.Deserialize<LearningSnapshot>(text, RouteExplanation.Json)!,
            LearningRules.Default);
        Assert.Equal(text, Json(half));
        foreach (var fact in facts.Skip(at))
        {
            half.Apply(fact);
        }
        Assert.Equal(Json(Learned(facts)), Json(half));
    }

    [Fact]
    public void LateVerdict_CountsAsIfItHadComeInTime()
    {
        ModelFact[] facts =
            [Verdict("m", 1, Noon), Verdict("m", 0, Noon.AddDays(2)), Verdict("m", 1, Noon.AddDays(5))];
        QualityBelief Known(params IEnumerable<ModelFact> order) =>
            Learned(order).View("acme", "coding", Noon.AddDays(6)).Quality(Key("m"));
        var straight = Known(facts);
        var late = Known(facts[1], facts[2], facts[0]);
        // the weight with which the others hear it hangs on the order, a little
        Assert.Equal(straight.Mean, late.Mean, 2);
        Assert.Equal(straight.Evidence, late.Evidence, 1);
    }

    [Fact]
    public void Verdicts_Fade_ByHalfInTheirHalfLife()
    {
        var learning = Learned(Verdict("m", 1), Verdict("m", 1));
        double Evidence(double days) =>
            learning.View("acme", "coding", Noon.AddDays(days)).Quality(Key("m")).Evidence;
        Assert.Equal(Evidence(0) / 2, Evidence(LearningRules.Default.QualityHalfLife.TotalDays), 9);
        Assert.Equal(Evidence(0) / 4, Evidence(2 * LearningRules.Default.QualityHalfLife.TotalDays), 9);
    }

    [Fact]
    public void Verdicts_WeighByWhoJudged()
    {
        double Mean(VerdictKind kind) => Learned(Verdict("m", 0, kind: kind))
            .View("acme", "coding", Noon).Quality(Key("m")).Mean;
        VerdictKind[] byWeight = [VerdictKind.SchemaValid, VerdictKind.Auditor, VerdictKind.TestsPassed,
            VerdictKind.UserApproval];
        Assert.Equal(byWeight, Enum.GetValues<VerdictKind>().OrderByDescending(Mean));
    }

    [Theory]
    [InlineData(double.NaN, 0)]
    [InlineData(-5, 0)]
    [InlineData(7, 1)]
    [InlineData(0.25, 0.25)]
    public void Verdict_OutOfRange_IsHeldToIt(double value, double counted) =>
        Assert.Equal(Json(Learned(Verdict("m", counted))), Json(Learned(Verdict("m", value))));

    [Fact]
    public void OtherTaskTypesAndModels_LearnNothing()
    {
        var view = Learned(Verdict("m", 0)).View("acme", "extraction", Noon);
        var fresh = Fresh.View("acme", "extraction", Noon);
        Assert.Equal(fresh.Quality(Key("m")), view.Quality(Key("m")));
        Assert.Equal(fresh.Quality(Key("n")), Learned(Verdict("m", 0)).View("acme", "coding", Noon)
            .Quality(Key("n")));
    }

    [Fact]
    public void NewTenant_BeginsWithWhatAllKnow_ButLearnsItsOwn()
    {
        var others = Enumerable.Range(0, 40).SelectMany(t => Enumerable.Range(0, 5).Select(_ =>
            (ModelFact)Verdict("m", 1, tenant: $"t{t}"))).ToList();
        QualityBelief Of(params IEnumerable<ModelFact> facts) =>
            Learned(facts).View("new", "coding", Noon).Quality(Key("m"));
        Assert.True(Of(others).Mean > 0.95);
        // its prior weighs no more than ten verdicts, so ten of its own outweigh two hundred of others
        Assert.True(Of([.. others, .. Enumerable.Range(0, 10).Select(_ => Verdict("m", 0, tenant: "new"))])
            .Mean < 0.52);
        Assert.True(Of([.. others, .. Enumerable.Range(0, 40).Select(_ => Verdict("m", 0, tenant: "new"))])
            .Mean < 0.25);
    }

    [Fact]
    public void OneLoudTenant_DoesNotMakeAModelsName()
    {
        double Others(int verdicts) => Learned(Enumerable.Range(0, 30)
            .Select(t => (ModelFact)Verdict("m", 1, tenant: $"t{t}"))
            .Concat(Enumerable.Range(0, verdicts).Select(_ => Verdict("m", 0, tenant: "loud"))))
            .View("new", "coding", Noon).Quality(Key("m")).Mean;
        output.WriteLine($"none {Others(0):0.00}, 100 {Others(100):0.00}, 2,000 {Others(2_000):0.00}");
        Assert.True(Others(0) > 0.9);
        // plainly counted, thirty against two thousand would be 0.01
        Assert.True(Others(2_000) > 0.22);
    }

    [Fact]
    public void Calls_TellTimeAndAvailability()
    {
        var learning = Learned(Enumerable.Range(0, 90)
            .Select(_ => (ModelFact)Call("m", ms: 4_000, tokens: 400))
            .Concat(Enumerable.Range(0, 10).Select(_ => Call("m", CallOutcome.RateLimited, 5)))
            .Concat(Enumerable.Range(0, 50).Select(_ => Call("m", CallOutcome.Neutral, 5))));
        var view = learning.View("acme", "anything", Noon);
        Assert.InRange(view.Service(Key("m"), 400, 1_000).Availability, 0.89, 0.92);
        Assert.InRange(view.Service(Key("m"), 400, 1_000).Ms, 3_900, 4_100);
        // ten milliseconds a token; the mean, in logarithms, of what a call and what its tokens need
        Assert.InRange(view.Service(Key("m"), 1_600, 4_000).Ms, 7_800, 8_200);
        Assert.InRange(view.Service(Key("m"), null, 1_000).OutputTokens, 399, 401);
        Assert.Equal(300, view.Service(Key("m"), null, 300).OutputTokens, 6);
        Assert.Equal(1_000, Fresh.View("acme", "a", Noon).Service(Key("m"), null, 1_000).OutputTokens);
    }

    [Fact]
    public void SlowMs_IsTheTailOfWhatWasSeen()
    {
        var random = Seeded.Random(output);
        var dice = new RouteDice((ulong)random.NextInt64());
        var seen = Enumerable.Range(0, 5_000).Select(_ => 1_000 * Math.Exp(0.5 * dice.Normal())).ToArray();
        var view = Learned(seen.Select(ms => (ModelFact)Call("m", ms: ms))).View("acme", "coding", Noon);
        Array.Sort(seen);
        Assert.InRange(view.SlowMs(Key("m"), 1.645), seen[4_750] * 0.93, seen[4_750] * 1.07);
        Assert.InRange(view.SlowMs(Key("m"), 0), seen[2_500] * 0.95, seen[2_500] * 1.05);
    }

    [Fact]
    public void ArmsMax_AndOneMore_TheOldestGo()
    {
        var learning = Fresh;
        for (var i = 0; i < ModelLearning.ArmsMax; i++)
        {
            learning.Apply(Verdict($"m{i}", 1, Noon.AddSeconds(i)));
            learning.Apply(Call($"m{i}", at: Noon.AddSeconds(i)));
        }
        int Quality() => learning.Snapshot().Quality.Count(r => r.Tenant == "acme");
        int Service() => learning.Snapshot().Service.Count(r => r.Tenant == "acme");
        Assert.Equal((ModelLearning.ArmsMax, ModelLearning.ArmsMax), (Quality(), Service()));
        learning.Apply(Verdict("last", 1, Noon.AddDays(1)));
        learning.Apply(Call("last", at: Noon.AddDays(1)));
        var left = ModelLearning.ArmsMax + 1 - (ModelLearning.ArmsMax / 8);
        Assert.Equal((left, left), (Quality(), Service()));
        var view = learning.View("acme", "coding", Noon.AddDays(1));
        Assert.Equal(0, view.Quality(Key("m0")).Evidence);
        Assert.True(view.Quality(Key("last")).Evidence > 0);
        Assert.True(view.Quality(Key($"m{ModelLearning.ArmsMax - 1}")).Evidence > 0);
    }

    [Fact]
    public async Task Readers_WhileOneWrites_SeeWholeArms()
    {
        var learning = Fresh;
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var looked = 0;
            do
            {
                var belief = learning.View("acme", "coding", Noon).Quality(Key("m"));
                // of verdicts that are all good, half an arm would show another mean
                var weight = belief.Evidence;
                Assert.InRange(belief.Mean, 0.6 - 1e-9, 1);
                Assert.True(weight >= 0);
                looked++;
            }
            while (!done.IsCancellationRequested);
            return looked;
        })).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            learning.Apply(Verdict("m", 1));
            learning.Apply(Verdict($"m{i % 100}", 1));
        }
        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), looked => Assert.True(looked > 0));
    }

    private static string Json(ModelLearning learning) =>
        JsonSerializer.Serialize(learning.Snapshot(), RouteExplanation.Json);

    private static List<ModelFact> Facts(Random random, int count) =>
        [.. Enumerable.Range(0, count)
            .Select(i => AnyFact(random, Noon.AddMinutes(i + random.Next(-30, 30))))];

    private static ModelFact AnyFact(Random random, DateTimeOffset at)
    {
        var (tenant, task) = ($"t{random.Next(4)}", $"task{random.Next(3)}");
        var model = new ModelKey($"p{random.Next(2)}", $"m{random.Next(5)}");
        return random.Next(2) == 0
            ? new ModelVerdict(tenant, task, model, (VerdictKind)random.Next(4), random.NextDouble(), at)
            : new ModelCallSettled(tenant, task, model, (CallOutcome)random.Next(7),
                TimeSpan.FromMilliseconds(random.NextDouble() * 9_000), random.Next(2_000), at);
    }
}
