using System.Text;
using Aegis.Core.Rehearsals;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Rehearsals;
using Aegis.Models.Tests.Support;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared;

namespace Aegis.Models.Tests.Rehearsals;

/// <summary>Every fault is what a provider's would be, and goes away as it is told.</summary>
public sealed class FaultTests
{
    private const int TriesMost = 20;
    private const string Said = "One two three four five six seven eight nine ten.";
    private static readonly RehearsalFile Faults = Rehearsed.File(Rehearsed.Shared("faults.yaml"));

    public static TheoryData<WireProtocol, WireProtocol> Protocols => new()
    {
        { WireProtocol.OpenAi, WireProtocol.OpenAi },
        { WireProtocol.Anthropic, WireProtocol.Anthropic },
        { WireProtocol.Anthropic, WireProtocol.OpenAi },
        { WireProtocol.OpenAi, WireProtocol.Anthropic },
    };

    [Fact]
    public void File_HasEveryFault()
    {
        Assert.Equal(Enum.GetValues<FaultKind>(), Faults.Faults.Select(fault => fault.Kind).Distinct()
            .Order());
        Assert.Equal(Enum.GetValues<GarbageKind>(), Faults.Faults.Where(fault =>
            fault.Kind == FaultKind.Garbage).Select(fault => fault.Garbage).Order());
        Assert.Equal(Faults.Turns.Select(turn => turn.Role), Faults.Faults.Select(fault => fault.At.Role));
    }

    [Theory]
    [InlineData("status-400", UpstreamFailureKind.Refused)]
    [InlineData("status-401", UpstreamFailureKind.KeyRefused)]
    [InlineData("status-403", UpstreamFailureKind.KeyRefused)]
    [InlineData("status-404", UpstreamFailureKind.NotFound)]
    [InlineData("status-408", UpstreamFailureKind.TimedOut)]
    [InlineData("status-413", UpstreamFailureKind.TooLong)]
    [InlineData("status-429", UpstreamFailureKind.RateLimited)]
    [InlineData("status-500", UpstreamFailureKind.Overloaded)]
    [InlineData("status-502", UpstreamFailureKind.Overloaded)]
    [InlineData("status-503", UpstreamFailureKind.Overloaded)]
    [InlineData("status-529", UpstreamFailureKind.Overloaded)]
    [InlineData("redirect", UpstreamFailureKind.Malformed)]
    [InlineData("timeout", UpstreamFailureKind.TimedOut)]
    [InlineData("unreachable", UpstreamFailureKind.Unreachable)]
    [InlineData("disconnect", UpstreamFailureKind.Cut)]
    [InlineData("disconnect-at-once", UpstreamFailureKind.Cut)]
    [InlineData("disconnect-in-event", UpstreamFailureKind.Cut)]
    [InlineData("silent-at-once", UpstreamFailureKind.TimedOut)]
    [InlineData("silent-in-event", UpstreamFailureKind.TimedOut)]
    public async Task Whole_FirstTry_FailsAndTheSecondAnswers(string role, UpstreamFailureKind kind)
    {
        foreach (var protocol in (WireProtocol[])[WireProtocol.OpenAi, WireProtocol.Anthropic])
        {
            var upstream = Open(role);
            var target = Rehearsed.Target(protocol);
            var (body, failure) = await Rehearsed.AskAsync(upstream, target, Rehearsed.Chat(false, "count"));
            Assert.Null(body);
            Assert.Equal(kind, failure!.Kind);
            (body, failure) = await Rehearsed.AskAsync(upstream, target, Rehearsed.Chat(false, "count"));
            Assert.Null(failure);
            Assert.Equal(Said, Rehearsed.Answer(body!, protocol).Text);
        }
    }

    [Theory]
    [InlineData("truncate-at-once")]
    [InlineData("truncate-in-event")]
    [InlineData("garbage-at-once")]
    [InlineData("garbage-after-events")]
    [InlineData("error-at-once")]
    [InlineData("page")]
    [InlineData("broken-json")]
    [InlineData("wrong-form")]
    public async Task Whole_FirstTry_IsNoAnswer(string role)
    {
        foreach (var protocol in (WireProtocol[])[WireProtocol.OpenAi, WireProtocol.Anthropic])
        {
            var upstream = Open(role);
            var target = Rehearsed.Target(protocol);
            var (body, _) = await Rehearsed.AskAsync(upstream, target, Rehearsed.Chat(false, "count"));
            Assert.False(ChatTranslation.TryReadAnswer(body!, protocol, out _, out _));
            (body, _) = await Rehearsed.AskAsync(upstream, target, Rehearsed.Chat(false, "count"));
            Assert.Equal(Said, Rehearsed.Answer(body!, protocol).Text);
        }
    }

    [Fact]
    public async Task Status_SaysRetryAfter()
    {
        var (_, failure) = await Rehearsed.AskAsync(Open("status-429"),
            Rehearsed.Target(WireProtocol.OpenAi), Rehearsed.Chat(false, "count"));
        Assert.Equal((429, TimeSpan.FromMilliseconds(10)), (failure!.Status, failure.RetryAfter));
        Assert.Equal(WireFailureKind.RateLimited, failure.Said!.Kind);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Streamed_EveryFault_LosesAndDuplicatesNothing(WireProtocol client,
        WireProtocol provider)
    {
        foreach (var role in Faults.Turns.Select(turn => turn.Role))
        {
            foreach (var sameModel in (bool[])[true, false])
            {
                var (stream, tries) = await StreamAsync(role, client, provider, sameModel);
                var read = StreamText.Read(stream, client);
                Assert.True((Said, FinishReason.Stop, true) == (read.Text, read.Finish, read.IsWhole),
                    $"{role}, the same model: {sameModel}: {Encoding.UTF8.GetString(stream)}");
                // a machine that stands still for a while looks like a provider that does
                Assert.InRange(tries, role == "slow" ? 1 : 2, TriesMost);
                if (client == WireProtocol.Anthropic)
                {
                    StreamText.HasSoundBlocks(stream);
                }
            }
        }
    }

    [Fact]
    public async Task Streamed_Slow_WaitsForTheClock()
    {
        var clock = new ManualClock();
        var upstream = RehearsalUpstream.Open(Rehearsed.File("""
            origin: scripted
            turns: [{reply: one two, cost_usd: 0}]
            faults: [{slow: {first_ms: 300, between_ms: 20}}]
            """), null, null, clock);
        using var answer = await upstream.SendAsync(Rehearsed.Target(WireProtocol.OpenAi), UpstreamPath.Chat,
            Rehearsed.Chat(true, "hi"), default);
        var buffer = new byte[10_000];
        var reading = answer.Body!.ReadAsync(buffer);
        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(299));
        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Contains("\"role\":\"assistant\"", Encoding.UTF8.GetString(buffer, 0, await reading));
        reading = answer.Body.ReadAsync(buffer);
        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Contains("\"content\":\"one\"", Encoding.UTF8.GetString(buffer, 0, await reading));
    }

    [Fact]
    public async Task Timeout_TakesAsLongAsAProviderMay()
    {
        var clock = new ManualClock();
        var upstream = RehearsalUpstream.Open(Faults, "timeout", null, clock);
        var sending = upstream.SendAsync(Rehearsed.Target(WireProtocol.OpenAi), UpstreamPath.Chat,
            Rehearsed.Chat(true, "hi"), default);
        clock.Advance(new UpstreamOptions().HeaderTimeout - TimeSpan.FromTicks(1));
        Assert.False(sending.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(UpstreamFailureKind.TimedOut, (await sending).Failure!.Kind);
    }

    [Fact]
    public async Task Timeout_CallerGoesAway_EndsAtOnce()
    {
        using var gone = new CancellationTokenSource();
        var sending = RehearsalUpstream.Open(Faults, "timeout", null, new ManualClock()).SendAsync(
            Rehearsed.Target(WireProtocol.OpenAi), UpstreamPath.Chat, Rehearsed.Chat(true, "hi"), gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sending);
    }

    [Fact]
    public async Task At_NamesProviderModelAndTries()
    {
        var upstream = Rehearsed.Open("""
            origin: scripted
            turns: [{reply: well, cost_usd: 0, faults: [{at: {model: bad}, status: 404}]}]
            faults:
              - {at: {provider: a, try: [1, 3]}, status: 500}
              - {at: {turn: 2}, status: 401}
            """);
        var seen = new List<int>();
        foreach (var (provider, model) in new[] { ("a", "m"), ("a", "m"), ("a", "m"), ("b", "m"),
            ("a", "bad") })
        {
            seen.Add(await StatusAsync(provider, model));
        }
        Assert.Equal([500, 0, 500, 0, 404], seen);

        async Task<int> StatusAsync(string provider, string model) => (await Rehearsed.AskAsync(upstream,
            Rehearsed.Target(WireProtocol.OpenAi, provider, model), Rehearsed.Chat(false, "hi")))
            .Failure?.Status ?? 0;
    }

    private static RehearsalUpstream Open(string role) =>
        RehearsalUpstream.Open(Faults, role, null, TimeProvider.System, Rehearsed.Patience(role));

    // what a router does about a stream that breaks, without its choices
    private static async Task<(byte[] Stream, int Tries)> StreamAsync(string role, WireProtocol client,
        WireProtocol provider, bool sameModel)
    {
        var upstream = Open(role);
        var call = new ChatCall
        {
            Model = "m-1",
            Messages = [new(ChatRole.User, [new TextPart("count")])],
            Temperature = 0,
            Stream = true,
            MaxTokens = 500,
        };
        using var to = new MemoryStream();
        var relay = StreamText.Relay(client, to);
        for (var tries = 1; ; tries++)
        {
            Assert.True(tries <= TriesMost, $"{role} never ends");
            var kind = StreamRecovery.Plan(relay.Given, call, sameModel, diverged: false);
            var asked = kind == RecoveryKind.Continue
                ? StreamRecovery.Continuing(call, relay.Given, new()) : call;
            using var answer = await upstream.SendAsync(Rehearsed.Target(provider), UpstreamPath.Chat,
                ChatTranslation.WriteCall(asked, provider, new()), default);
            if (answer.IsFailure || !answer.IsEventStream)
            {
                continue;
            }
            var end = await relay.RunAsync(answer.Body!, provider, kind, 
                Rehearsed.Patience(role).QuietTimeout, default);
            if (end.Outcome == RelayOutcome.Finished)
            {
                await relay.CompleteAsync(default);
                return (to.ToArray(), tries);
            }
        }
    }
}
