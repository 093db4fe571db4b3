using Aegis.Core;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Routing.Replacements;
using Aegis.Core.Runs.Models;
using Aegis.Models.Learning;

namespace Aegis.Models.Tests.Learning;

public sealed class ModelMemoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly Tenancy Acme = new("acme", "web");
    private static readonly ModelKey Old = new("here", "old");
    private static readonly ModelKey Young = new("here", "young");

    [Fact]
    public async Task Reports_OfManyCallersAtOnce_AreAllFolded()
    {
        await using var memory = new ModelMemory();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                memory.Report(Call(Old));
                memory.Report(Verdict(Old, 1));
            }
        })));
        await memory.FoldedAsync();
        Assert.Equal((16_000, 0), (memory.Folded, memory.Forgotten));
        var view = memory.Learning.View("acme", "coding", Noon);
        Assert.True(view.Quality(Old).Mean > 0.95);
        Assert.InRange(view.Service(Old, null, 500).Ms, 799, 801);
        Assert.Equal([("coding", Old)], memory.Learning.Known("acme"));
        Assert.Empty(memory.Learning.Known("rival"));
    }

    [Fact]
    public async Task Report_PastTheQueuesBound_IsCounted_AndNobodyWaits()
    {
        await using var memory = new ModelMemory();
        using var held = new ManualResetEventSlim();
        using var holding = new ManualResetEventSlim();
        // the fold stands still while another thread learns
        var hold = Task.Run(() => memory.Learn(Held()));
        holding.Wait();
        // one is in the reader's hand
        for (var i = 0; i < ModelMemory.ReportsWaitingMax + 2; i++)
        {
            memory.Report(Call(Old));
        }
        Assert.InRange(memory.Forgotten, 1, 2);
        held.Set();
        await hold;
        await memory.FoldedAsync();
        Assert.Equal(ModelMemory.ReportsWaitingMax + 2 - memory.Forgotten, memory.Folded);

        IEnumerable<ModelFact> Held()
        {
            holding.Set();
            held.Wait();
            yield break;
        }
    }

    [Fact]
    public async Task Snapshot_Restored_KnowsTheSame_AndLearnsOn()
    {
        await using var memory = new ModelMemory();
        memory.Learn([Verdict(Old, 1), Verdict(Old, 0.5), Call(Old), Call(Young)]);
        await using var other = new ModelMemory();
        other.Restore(memory.Snapshot());
        Assert.Equal(memory.Learning.View("acme", "coding", Noon).Quality(Old),
            other.Learning.View("acme", "coding", Noon).Quality(Old));
        memory.Learn([Verdict(Young, 0)]);
        other.Report(Verdict(Young, 0));
        await other.FoldedAsync();
        Assert.Equal([.. memory.Snapshot().Quality], other.Snapshot().Quality.ToArray());
        Assert.Equal([.. memory.Snapshot().Service], other.Snapshot().Service.ToArray());
    }

    [Fact]
    public async Task Breakers_AreTheKeyOwnersOwn()
    {
        await using var memory = new ModelMemory();
        memory.Breakers("acme").Report(Old, 0, BreakerVerdict.Gone, null, Noon);
        Assert.Equal(BreakerPhase.Open, memory.Breakers("acme").Of(Old).Phase);
        Assert.Equal(BreakerPhase.Closed, memory.Breakers(null).Of(Old).Phase);
        Assert.Equal(BreakerPhase.Closed, memory.Breakers("rival").Of(Old).Phase);
        Assert.Same(memory.Breakers("acme"), memory.Breakers("acme"));
        Assert.Equal((BreakerCause.Gone, BreakerCause.None),
            (memory.Breaker("acme", Old).Cause, memory.Breaker("rival", Old).Cause));
        memory.Breakers(null).Report(Young, 0, BreakerVerdict.Gone, null, Noon);
        Assert.Equal(BreakerCause.Gone, memory.Breaker("acme", Young).Cause);
    }

    [Fact]
    public async Task KeyOwners_AtTheLimit_AreHeld_AndOnePastIt_BeginAnew()
    {
        await using var memory = new ModelMemory();
        var first = memory.Breakers("0");
        for (var i = 1; i < ModelMemory.KeyOwnersMax; i++)
        {
            memory.Breakers($"{i}");
        }
        Assert.Same(first, memory.Breakers("0"));
        memory.Breakers("one more");
        Assert.NotSame(first, memory.Breakers("0"));
    }

    [Fact]
    public async Task NamedModel_ThatIsGone_IsReplaced_OnceItIsJudged_InItsProjectAlone()
    {
        await using var memory = new ModelMemory();
        memory.Breakers(null).Report(Old, 0, BreakerVerdict.Gone, null, Noon);
        memory.Watch(new NamedModel(Acme, null, "coding", Old, [Candidate(Old), Candidate(Young)]));
        var (of, decision) = Assert.Single(memory.Judge(Noon));
        Assert.Equal((Acme, Old, Young, ReplacementReason.Gone),
            (of, decision.From, decision.To, decision.Why));
        // judged once for each time that a call named it
        Assert.Empty(memory.Judge(Noon));
        Assert.Equal(Old, memory.Follow(Old, "coding", Acme));
        memory.Replace(new Dictionary<Tenancy, ModelReplacements>
        {
            [Acme] = ModelReplacements.None.With(decision),
        });
        Assert.Equal(Young, memory.Follow(Old, "coding", Acme));
        Assert.Equal(Old, memory.Follow(Old, "coding", new Tenancy("acme", "other")));
        memory.Replace(new Dictionary<Tenancy, ModelReplacements>());
        Assert.Equal(Old, memory.Follow(Old, "coding", Acme));
    }

    [Fact]
    public async Task Watched_AtTheLimit_AreKept_AndOnePastIt_IsNamedAgainLater()
    {
        await using var memory = new ModelMemory();
        for (var i = 0; i <= ModelMemory.WatchedMax; i++)
        {
            var model = new ModelKey("here", $"m{i}");
            memory.Breakers(null).Report(model, 0, BreakerVerdict.Gone, null, Noon);
            memory.Watch(new NamedModel(Acme, null, "coding", model, [Candidate(model), Candidate(Young)]));
        }
        Assert.Equal(ModelMemory.WatchedMax, memory.Judge(Noon).Count);
    }

    [Theory]
    [InlineData(true, "live", "answered", 1.0)]
    [InlineData(false, "live", "answered", 0.0)]
    [InlineData(null, "live", "answered", null)]
    [InlineData(true, "scripted", "answered", null)]
    [InlineData(false, "live", "aborted", null)]
    public void Schema_IsAVerdict_OnAnAnswerOfAModel(
        bool? valid, string origin, string outcome, double? value)
    {
        var use = new ModelUse("auto", "coding", null, "here", "old", origin, outcome, ModelTokens.None, 0, 0,
            1) { SchemaValid = valid, Chosen = "young" };
        var verdict = ModelUseFacts.OfSchema(use, "acme", Noon);
        Assert.Equal(value, verdict?.Value);
        Assert.True(verdict is null or { Kind: VerdictKind.SchemaValid, TaskType: "coding" });
        // by the name that it is chosen by
        Assert.True(verdict is null || verdict.Model == Young);
    }

    private static RouteCandidate Candidate(ModelKey key) => new(key, new ModelAbilities(ModelKinds.Chat,
        ModelModalities.Text, 100_000, 8_000, true, true, ModelLocality.Local), new RoutePrice(1, 4));

    private static ModelVerdict Verdict(ModelKey model, double value) =>
        new("acme", "coding", model, VerdictKind.TestsPassed, value, Noon);

    private static ModelCallSettled Call(ModelKey model) => new("acme", "coding", model,
        CallOutcome.Answered, TimeSpan.FromMilliseconds(800), 100, Noon);
}
