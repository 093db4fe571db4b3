using Aegis.Core;
using Aegis.Core.Budgets;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;

namespace Aegis.Models.Tests.Calls;

/// <summary>What is said of a call beforehand is what the call does.</summary>
public sealed class OutlookTests : IAsyncLifetime
{
    private const ulong Seed = 7;
    private static readonly ModelKey AModel = new("a", "m");
    private static readonly ModelKey BModel = new("b", "m");
    private RunnerRoom room = null!;

    public async Task InitializeAsync() => room = await RunnerRoom.OpenAsync();

    public async Task DisposeAsync() => await room.DisposeAsync();

    [Fact]
    public void NamesInOrder_StayInIt_WhateverIsKnownOfThem()
    {
        room.Memory.Learn(Verdicts(30, BModel, "reasoning", 1));
        var told = Explain(new CallSketch("reasoning"));
        Assert.False(told.IsScored);
        Assert.Equal([AModel, BModel], told.Chain.Select(s => s.Model));
        Assert.Equal(["a 1", "b 2"], told.Candidates.Select(c => $"{c.Provider} {c.Rank}"));
        Assert.All(told.Candidates, c => Assert.Null(c.Score));
        Assert.True(told.Candidates[1].Parts!.QualityMean > told.Candidates[0].Parts!.QualityMean);
        Assert.Null(told.Error);
    }

    [Fact]
    public async Task ARestingModel_IsShownAndPassedOver_AsTheCallDoes()
    {
        Lose(AModel);
        var told = Explain(new CallSketch("reasoning"));
        Assert.Equal(["AEGIS2425", null], told.Chain.Select(s => s.PassedOver?.Code));
        Assert.Null(told.Error);
        var (end, _) = await room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", "hi", false));
        Assert.Equal("b", end.Use!.Provider);
        Lose(BModel);
        Assert.Equal("AEGIS2425", Explain(new CallSketch("reasoning")).Error!.Code);
    }

    [Fact]
    public async Task AScoredChoice_IsMadeAgain_ByTheSeedOfItsRecord_FromWhatWasKnown()
    {
        for (var i = 0; i < 5; i++)
        {
            await room.Memory.FoldedAsync();
            var known = room.Memory.Snapshot();
            var (end, _) = await room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, "auto", "hi", false));
            var (chosen, seed) = (end.Use!.Provider, end.Use.Seed!.Value);
            await room.Memory.FoldedAsync();
            room.Memory.Learn(Verdicts(100, new(chosen, "m"), CandidateSet.General, 0));
            room.Memory.Learn(Verdicts(100, chosen == "a" ? BModel : AModel, CandidateSet.General, 1));
            Assert.NotEqual(chosen, Explain(new CallSketch("auto"), seed).Chain[0].Model.Provider);

            // the call's own time is learned too, and might have been enough
            room.Memory.Restore(known);
            var told = Explain(new CallSketch("auto"), seed);
            Assert.True(told.IsScored);
            Assert.Equal((chosen, seed), (told.Chain[0].Model.Provider, told.Request.Seed));
            Assert.Equal([1, 2], told.Candidates.Select(c => c.Rank));
            Assert.Equal(told.Candidates, told.Candidates.OrderByDescending(c => c.Score));
        }
    }

    [Fact]
    public void WhatACandidateLacks_IsSaid_AndNobodyLeftIsAnError()
    {
        var told = Explain(new CallSketch("auto") { HasTools = true });
        Assert.Empty(told.Chain);
        Assert.Equal([FilterReason.Tools, FilterReason.Tools], told.Candidates.Select(c => c.Filtered));
        Assert.Equal("AEGIS2373", told.Error!.Code);
        told = Explain(new CallSketch("auto") { PromptBytes = 400_001 });
        Assert.All(told.Candidates, c => Assert.Equal(FilterReason.Context, c.Filtered));
    }

    [Theory]
    [InlineData("0.000003", null)] // a token in at 1, a token out at 2 dollars for a million
    [InlineData("0.000002", "AEGIS2341")]
    public void ABudget_PassesOver_WhoCannotEvenSayAToken(string left, string? code)
    {
        var purse = new CapPurse(decimal.Parse(left, System.Globalization.CultureInfo.InvariantCulture));
        var told = room.Runner.Explain(
            new CallSketch("reasoning") { PromptBytes = 1 }, Caller(purse), Seed);
        Assert.Equal([code, code], told.Chain.Select(s => s.PassedOver?.Code));
        Assert.Equal(code, told.Error?.Code);
    }

    [Fact]
    public void ANameThatNobodyAnswersTo_IsToldAsTheCallWouldBe()
    {
        var told = Explain(new CallSketch("coding"));
        Assert.Equal("AEGIS2320", told.Error!.Code);
        Assert.Empty(told.Chain);
    }

    private static IEnumerable<ModelVerdict> Verdicts(int count, ModelKey model, string task, double value) =>
        Enumerable.Repeat(new ModelVerdict("acme", task, model, VerdictKind.TestsPassed, value,
            TimeProvider.System.GetUtcNow()), count);

    private void Lose(ModelKey model) => room.Memory.Breakers("acme").Report(
        model, 0, BreakerVerdict.Gone, null, TimeProvider.System.GetUtcNow());

    private CallOutlook Explain(CallSketch call, ulong seed = Seed) =>
        room.Runner.Explain(call, Caller(null), seed);

    private static ModelCaller Caller(IPurse? purse) => new(new Tenancy("acme", "web"),
        RunnerRoom.Profile("[{ provider: a, model: m }, { provider: b, model: m }]"), null, null, purse);
}
