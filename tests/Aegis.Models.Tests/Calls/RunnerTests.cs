using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs.Models;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Tests.Support;
using Aegis.Tests.Shared;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Calls;

/// <summary>Who is asked, when a second one is, and what a call leaves behind.</summary>
public sealed class RunnerTests
{
    [Fact]
    public async Task AHedge_AsksASecondModel_AndTheFirstAnswerWins()
    {
        await using var room = await RunnerRoom.OpenAsync();
        // the model is known to answer at once, so a silent one is slow soon
        room.Memory.Learn(Enumerable.Repeat(new ModelCallSettled("acme", "reasoning", new("a", "m"),
            CallOutcome.Answered, TimeSpan.FromMilliseconds(5), 10, TimeProvider.System.GetUtcNow()), 30));
        room.A.Script(FakeFault.Parse("hang"));
        var purse = new CapPurse(1m);
        var (end, text) = await room.RunAsync(
            RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", "hedged", false, hedge: true), purse);
        Assert.Contains("You said: hedged", text, StringComparison.Ordinal);
        Assert.Equal("b", end.Use!.Provider);
        Assert.Equal("outrun", Assert.Single(end.Use.Tries!.Value).Failure);
        // what the slow one may have made stays paid for
        Assert.Equal(1m - end.Use.CostUsd, purse.LeftUsd);
        Assert.True(end.Use.CostUsd > 0.001m);
    }

    [Fact]
    public async Task WithoutAHedge_ASlowModelIsWaitedFor()
    {
        var clock = new ManualClock();
        await using var room = await RunnerRoom.OpenAsync(time: clock);
        room.A.Script(FakeFault.Parse("hang"));
        var call = room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", "x", false));
        await room.A.Hangs;
        clock.Advance(RunnerRoom.Patience - TimeSpan.FromTicks(1));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));
        var (end, _) = await call;
        Assert.Equal(("b", "timed_out"), (end.Use!.Provider, end.Use.Tries!.Value[0].Failure));
    }

    [Fact]
    public async Task AModelThatFailsAgainAndAgain_RestsAndIsNotAsked()
    {
        await using var room = await RunnerRoom.OpenAsync(time: new ManualClock());
        for (var i = 0; i < 20; i++)
        {
            room.A.Script(FakeFault.Parse("500"));
        }
        var only = "[{ provider: a, model: m }]";
        for (var i = 0; i < 4; i++)
        {
            await room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", "x", false), models: only);
        }
        var asked = room.A.Requests.Count;
        var (end, _) = await room.RunAsync(
            RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", "x", false), models: only);
        Assert.Equal(("AEGIS2423", 503), (end.Error!.Code, end.Failure!.Status));
        Assert.True(end.RetryAfter > TimeSpan.Zero);
        Assert.Equal(asked, room.A.Requests.Count);
        // another name of the same provider is not held back
        (end, _) = await room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, "b/m", "x", false));
        Assert.Null(end.Error);
    }

    [Fact]
    public async Task AProviderThatWishesToBeWaitedFor_IsAskedAgain_ThoughTheTimerIsEarly()
    {
        var clock = new EarlyClock();
        await using var room = await RunnerRoom.OpenAsync(time: clock);
        room.A.Script(FakeFault.Parse("429 retry-after=1"));
        var begun = clock.GetUtcNow();
        var (end, _) = await room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", "x", false),
            models: "[{ provider: a, model: m }]");
        Assert.Null(end.Error);
        Assert.Equal(("a", 2), (end.Use!.Provider, room.A.Requests.Count));
        Assert.True(clock.GetUtcNow() - begun >= TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("reasoning", "a")]
    [InlineData("b/m", "b")]
    [InlineData("m", "a")]
    [InlineData("auto", "a b")]
    public async Task ANames_Provider_Answers(string asked, string providers)
    {
        await using var room = await RunnerRoom.OpenAsync();
        var (end, _) = await room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, asked, "x", false));
        Assert.Contains(end.Use!.Provider, providers.Split(' '));
        Assert.Equal(asked, end.Use.Asked);
        Assert.Equal(asked == "auto", end.Use.Seed is not null);
    }

    [Theory]
    [InlineData("coding", "AEGIS2320", 404)]
    [InlineData("embedding", "AEGIS2320", 404)]
    public async Task ANameThatThereIsNot_IsRefusedBeforeAnythingIsSent(string asked, string code, int status)
    {
        await using var room = await RunnerRoom.OpenAsync();
        var (end, _) = await room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, asked, "x", false));
        Assert.Equal((code, status, null), (end.Error!.Code, end.Failure!.Status, end.Use));
        Assert.Empty(room.A.Requests);
    }

    [Fact]
    public async Task AClientThatGoesAway_IsCountedNoLessThanItCanHaveUsed()
    {
        await using var room = await RunnerRoom.OpenAsync();
        room.A.Script(FakeFault.Parse("hang"));
        using var gone = new CancellationTokenSource();
        var purse = new CapPurse(1m);
        var call = room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", "x", true), purse,
            cancel: gone.Token);
        await room.A.Hangs;
        await gone.CancelAsync();
        var (end, text) = await call;
        Assert.Equal((ModelUse.Aborted, ""), (end.Use!.Outcome, text));
        Assert.True(end.Use.CostUsd > 0);
        Assert.Equal(1m - end.Use.CostUsd, purse.LeftUsd);
    }

    [Fact]
    public async Task ABudget_IsHeldByEveryTry_AndTheNextModelMayBeCheapEnough()
    {
        await using var room = await RunnerRoom.OpenAsync();
        var (end, _) = await room.RunAsync(
            RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", "x", false), new CapPurse(0.000_001m));
        Assert.Equal(("AEGIS2341", 429), (end.Error!.Code, end.Failure!.Status));
        Assert.Empty(room.A.Requests);
    }
}
