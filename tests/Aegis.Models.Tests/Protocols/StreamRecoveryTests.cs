using System.Text;
using System.Text.Json;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Tests.Support;

namespace Aegis.Models.Tests.Protocols;

/// <summary>A stream that breaks at any byte is gone on with, and the client reads every word once.</summary>
public sealed class StreamRecoveryTests
{
    private const string Question = "one two  three\nvier fünf";
    private const string Said = "You said: " + Question;
    private const string ToolQuestion = """call look {"at":[1,2,3],"why":"because"}""";

    public static TheoryData<WireProtocol, WireProtocol, WireProtocol> Ways
    {
        get
        {
            var ways = new TheoryData<WireProtocol, WireProtocol, WireProtocol>();
            WireProtocol[] both = [WireProtocol.OpenAi, WireProtocol.Anthropic];
            foreach (var client in both)
            {
                foreach (var first in both)
                {
                    foreach (var second in both)
                    {
                        ways.Add(client, first, second);
                    }
                }
            }
            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task CutAtEveryByte_MadeAgain_IsOneWholeAnswer(WireProtocol client, WireProtocol first,
        WireProtocol second)
    {
        foreach (var question in new[] { Question, ToolQuestion })
        {
            var one = FakeStreams.Of(first, question);
            var other = FakeStreams.Of(second, question);
            for (var cut = 0; cut < one.Length; cut++)
            {
                var sent = await BrokenAsync(client, first, one, cut, given => (other, second,
                    given.IsEmpty ? RecoveryKind.Fresh : RecoveryKind.Match));
                IsWhole(sent, client, question, cut);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task CutAtEveryByte_GoneOnWith_IsOneWholeAnswer(WireProtocol client, WireProtocol first,
        WireProtocol second)
    {
        var one = FakeStreams.Of(first, Question);
        for (var cut = 0; cut < one.Length; cut++)
        {
            var sent = await BrokenAsync(client, first, one, cut, given => (
                Rest(second, Said[given.Text.TrimEnd().Length..]), second,
                given.IsEmpty ? RecoveryKind.Fresh : RecoveryKind.Continue));
            IsWhole(sent, client, Question, cut);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task CutAtEveryByte_BegunAnewThoughAskedToGoOn_SaysNothingTwice(WireProtocol client,
        WireProtocol first, WireProtocol second)
    {
        var one = FakeStreams.Of(first, Question);
        var other = FakeStreams.Of(second, Question);
        for (var cut = 0; cut < one.Length; cut++)
        {
            var wasLong = true;
            var sent = await BrokenAsync(client, first, one, cut, given =>
            {
                // what is shorter may as well be meant so
                wasLong = given.TextChars is 0 or >= 16;
                return (other, second, given.IsEmpty ? RecoveryKind.Fresh : RecoveryKind.Continue);
            });
            if (wasLong)
            {
                IsWhole(sent, client, Question, cut);
            }
        }
    }

    [Fact]
    public async Task Match_OtherWords_DivergesAndShowsNoneOfThem()
    {
        var (to, relay) = await GivenAsync("You said: one tw");
        var before = to.Length;
        var other = FakeStreams.Of(WireProtocol.OpenAi, "one other thing");
        var end = await relay.RunAsync(new MemoryStream(other), WireProtocol.OpenAi, RecoveryKind.Match,
            StreamText.Quiet, default);
        Assert.Equal((RelayOutcome.Diverged, before), (end.Outcome, to.Length));
        Assert.Equal("You said: one tw", relay.Given.Text);
    }

    [Fact]
    public async Task Match_ShorterAnswer_Diverges()
    {
        var (_, relay) = await GivenAsync("You said: one two three");
        var end = await relay.RunAsync(new MemoryStream(FakeStreams.Of(WireProtocol.OpenAi, "one")),
            WireProtocol.OpenAi, RecoveryKind.Match, StreamText.Quiet, default);
        Assert.Equal(RelayOutcome.Diverged, end.Outcome);
    }

    [Fact]
    public async Task BrokenForGood_TellsTheClient()
    {
        var (to, relay) = await GivenAsync("You");
        await relay.FailAsync(WireFailure.Of(WireFailureKind.Broken, "it broke off", "AEGIS2389"), default);
        var last = StreamText.Pieces(to.ToArray(), WireProtocol.OpenAi, out _)[^1];
        Assert.Equal((PieceKind.Error, "AEGIS2389"), (last.Kind, last.Failure!.Code));
    }

    [Fact]
    public async Task Plan_FollowsWhatTheClientHasSeen()
    {
        var call = new ChatCall { Model = "m", Messages = [], Temperature = 0 };
        Assert.Equal(RecoveryKind.Fresh, StreamRecovery.Plan(new(), call, false, false));
        var (_, text) = await GivenAsync("You said");
        Assert.Equal(RecoveryKind.Match, StreamRecovery.Plan(text.Given, call, true, false));
        Assert.Equal(RecoveryKind.Continue, StreamRecovery.Plan(text.Given, call, true, true));
        Assert.Equal(RecoveryKind.Continue, StreamRecovery.Plan(text.Given, call, false, false));
        Assert.Equal(RecoveryKind.Continue,
            StreamRecovery.Plan(text.Given, call with { Temperature = 0.7 }, true, false));
        var formed = call with { Format = new("f", "{}"), Temperature = 1 };
        Assert.Equal(RecoveryKind.Match, StreamRecovery.Plan(text.Given, formed, false, false));
        Assert.Equal(RecoveryKind.None, StreamRecovery.Plan(text.Given, formed, false, true));
    }

    [Fact]
    public async Task Continuing_SendsTheTextAlong()
    {
        var call = new ChatCall
        {
            Model = "m",
            Messages = [new(ChatRole.User, [new TextPart("hi")])],
            MaxTokens = 100,
        };
        var (_, relay) = await GivenAsync("twelve chars ");
        var filled = StreamRecovery.Continuing(call, relay.Given, new() { Prefill = true });
        Assert.Equal(2, filled.Messages.Length);
        Assert.Equal(new(ChatRole.Assistant, [new TextPart("twelve chars")]), filled.Messages[^1]);
        Assert.Equal(97, filled.MaxTokens);
        var asked = StreamRecovery.Continuing(call, relay.Given, new());
        Assert.Equal(ChatRole.User, asked.Messages[^1].Role);
        Assert.True(filled.Messages.SequenceEqual(asked.Messages[..^1]));
    }

    private static void IsWhole(byte[] sent, WireProtocol client, string question, int cut)
    {
        var read = StreamText.Read(sent, client);
        if (question == Question)
        {
            Assert.True((read.Text, read.Finish, read.IsWhole) == (Said, FinishReason.Stop, true),
                $"cut {cut}: {read}\n{Encoding.UTF8.GetString(sent)}");
        }
        else
        {
            Assert.True(read is { Text: "", Finish: FinishReason.ToolCalls, IsWhole: true }
                && read.Calls.EndsWith(":look:" + ToolQuestion["call look ".Length..])
                && read.Calls.Count(c => c == ':') == 5, $"cut {cut}: {read}");
        }
        if (client == WireProtocol.Anthropic)
        {
            StreamText.HasSoundBlocks(sent);
        }
    }

    private static async Task<byte[]> BrokenAsync(WireProtocol client, WireProtocol first, byte[] stream,
        int cut, Func<GivenOut, (byte[] Stream, WireProtocol From, RecoveryKind Kind)> next)
    {
        using var to = new MemoryStream();
        var relay = StreamText.Relay(client, to);
        var end = await relay.RunAsync(new BrokenStream(stream, cut, 1000, breaks: cut % 2 == 0), first,
            RecoveryKind.Fresh, StreamText.Quiet, default);
        if (end.Outcome != RelayOutcome.Finished)
        {
            Assert.Equal(RelayOutcome.Cut, end.Outcome);
            var (again, from, kind) = next(relay.Given);
            end = await relay.RunAsync(new MemoryStream(again), from, kind, StreamText.Quiet, default);
            Assert.True(end.Outcome == RelayOutcome.Finished, $"cut {cut}: {end}");
        }
        await relay.CompleteAsync(default);
        return to.ToArray();
    }

    private static async Task<(MemoryStream To, StreamRelay Relay)> GivenAsync(string text)
    {
        var to = new MemoryStream();
        var relay = StreamText.Relay(WireProtocol.OpenAi, to);
        _ = await relay.RunAsync(new MemoryStream(Chunk(text, "null")), WireProtocol.OpenAi,
            RecoveryKind.Fresh, StreamText.Quiet, default);
        return (to, relay);
    }

    private static byte[] Rest(WireProtocol protocol, string text)
    {
        using var to = new MemoryStream();
        var relay = StreamText.Relay(protocol, to);
        relay.RunAsync(new MemoryStream(Chunk(text, "\"stop\"")), WireProtocol.OpenAi, RecoveryKind.Fresh,
            StreamText.Quiet, default).AsTask().GetAwaiter().GetResult();
        relay.CompleteAsync(default).AsTask().GetAwaiter().GetResult();
        return to.ToArray();
    }

    private static byte[] Chunk(string text, string finish) => Encoding.UTF8.GetBytes("data: " + $$"""
        {"id":"x","choices":[{"finish_reason":{{finish}},"delta":{"content":{{Quoted(text)}} } }]}
        """ + "\n\n");

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
