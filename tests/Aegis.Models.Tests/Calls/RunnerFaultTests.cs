using System.Text;
using Aegis.Core.Runs.Models;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Tests.Support;
using Aegis.Tests.Shared;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Calls;

/// <summary>Every fault of the first provider, for whole answers and for streams, in every pair of protocols
/// on both sides: the client gets each word once, and what was spent is what the record says.</summary>
public sealed class RunnerFaultTests
{
    private const string Words = "one two three four five six seven eight";
    private const string Said = "You said: " + Words;

    private static readonly string[] Faults =
    [
        "429", "429 retry-after=0", "500", "503", "529", "404", "401", "hang", "truncate", "garbage",
        "redirect", "cut=0", "cut=40", "cut=150", "cut=400", "cut=700", "stream-error=0", "stream-error=1",
        "stream-error=4", "stream-garbage=1", "stream-garbage=5", "slow=1",
    ];

    public static TheoryData<WireProtocol, WireProtocol, WireProtocol> Protocols()
    {
        var pairs = new TheoryData<WireProtocol, WireProtocol, WireProtocol>();
        foreach (var client in (WireProtocol[])[WireProtocol.OpenAi, WireProtocol.Anthropic])
        {
            foreach (var a in (WireProtocol[])[WireProtocol.OpenAi, WireProtocol.Anthropic])
            {
                foreach (var b in (WireProtocol[])[WireProtocol.OpenAi, WireProtocol.Anthropic])
                {
                    pairs.Add(client, a, b);
                }
            }
        }
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task AFault_LosesNothing_AndSaysNothingTwice(
        WireProtocol client, WireProtocol a, WireProtocol b)
    {
        foreach (var fault in Faults)
        {
            foreach (var stream in (bool[])[false, true])
            {
                var clock = new ManualClock();
                await using var room = await RunnerRoom.OpenAsync(a, b, clock);
                room.A.Script(FakeFault.Parse(fault));
                var purse = new CapPurse(1m);
                var called = room.RunAsync(RunnerRoom.Call(client, "reasoning", Words, stream), purse);
                if (fault == "hang")
                {
                    await room.A.Hangs;
                    clock.Advance(RunnerRoom.Patience);
                }
                var (end, text) = await called;
                var what = $"{fault}, {(stream ? "stream" : "whole")}: {end.Error} {text}";
                Assert.True(end.Failure is null, what);
                Assert.Equal(ModelUse.Answered, end.Use!.Outcome);
                Assert.True(Said == TextOf(text, client, stream), what);
                Assert.Equal(1m - end.Use.CostUsd, purse.LeftUsd);
                Assert.True(end.Use.CostUsd > 0, what);
                // only what slows an answer down, or breaks off behind its end, needs no second try
                Assert.True(end.Use.Tries is { Length: > 0 } || room.A.Requests.Count == 1, what);
                Assert.Equal((end.Use.Tries?.Length ?? 0) + 1, room.A.Requests.Count + room.B.Requests.Count);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WithoutTheFault_TheFirstAnswers_AndTheSecondIsNotAsked(bool stream)
    {
        await using var room = await RunnerRoom.OpenAsync();
        var (end, text) = await room.RunAsync(
            RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", Words, stream));
        Assert.Equal(Said, TextOf(text, WireProtocol.OpenAi, stream));
        Assert.Equal(("a", null), (end.Use!.Provider, end.Use.Tries));
        Assert.Empty(room.B.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatAllRefuse_IsToldOnce(bool stream)
    {
        await using var room = await RunnerRoom.OpenAsync();
        room.A.Script(FakeFault.Parse("401"));
        room.B.Script(FakeFault.Parse("401"));
        var purse = new CapPurse(1m);
        var (end, text) = await room.RunAsync(
            RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", Words, stream), purse);
        Assert.Equal(("", "AEGIS2324", 401), (text, end.Error!.Code, end.Failure!.Status));
        Assert.Equal((ModelUse.Failed, 2, 0m),
            (end.Use!.Outcome, end.Use.Tries!.Value.Length, end.Use.CostUsd));
        Assert.False(end.HasBegun);
        Assert.Equal(1m, purse.LeftUsd);
    }

    [Fact]
    public async Task AStreamThatNobodyCanGoOnWith_EndsWithAnError_BehindWhatWasSaid()
    {
        await using var room = await RunnerRoom.OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            room.A.Script(FakeFault.Parse("stream-error=3"));
            room.B.Script(FakeFault.Parse("stream-error=0"));
        }
        var (end, text) = await room.RunAsync(
            RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", Words, true));
        Assert.True(end.HasBegun);
        Assert.NotNull(end.Failure);
        Assert.Equal(ModelUse.Failed, end.Use!.Outcome);
        Assert.Contains("\"error\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACallThatIsWrong_IsNotTriedElsewhere()
    {
        await using var room = await RunnerRoom.OpenAsync();
        room.A.Script(FakeFault.Parse("400"));
        var (end, _) = await room.RunAsync(RunnerRoom.Call(WireProtocol.OpenAi, "reasoning", Words, false));
        Assert.Equal(("AEGIS2325", 400), (end.Error!.Code, end.Failure!.Status));
        Assert.Empty(room.B.Requests);
    }

    private static string TextOf(string body, WireProtocol client, bool stream)
    {
        if (!stream)
        {
            return ChatTranslation.TryReadAnswer(
                Encoding.UTF8.GetBytes(body), client, out var answer, out var wrong)
                ? answer.Text : wrong;
        }
        var (text, _, finish, _, isWhole) = StreamText.Read(Encoding.UTF8.GetBytes(body), client);
        return isWhole && finish == FinishReason.Stop ? text : $"not whole ({finish}): {text}";
    }
}
