using System.IO.Pipelines;
using System.Text;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Tests.Support;

namespace Aegis.Models.Tests.Protocols;

/// <summary>Streams handed on, in their own protocol and in another.</summary>
public sealed class StreamRelayTests
{
    private const string Said = "You said: one two \"three\" drei";
    private const string Question = "one two \"three\" drei";
    private const string ToolQuestion = """call look {"at":[1,2,3],"why":"because"}""";

    public static TheoryData<WireProtocol, WireProtocol> Ways => new()
    {
        { WireProtocol.OpenAi, WireProtocol.OpenAi },
        { WireProtocol.OpenAi, WireProtocol.Anthropic },
        { WireProtocol.Anthropic, WireProtocol.OpenAi },
        { WireProtocol.Anthropic, WireProtocol.Anthropic },
    };

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Run_SameProtocol_PassesEveryByteAndReadsThem(WireProtocol protocol)
    {
        var stream = FakeStreams.Of(protocol, Question);
        for (var step = 1; step < 40; step += 7)
        {
            var (sent, end, relay) = await RelayAsync(protocol, protocol, stream, step);
            Assert.Equal(Encoding.UTF8.GetString(stream), Encoding.UTF8.GetString(sent));
            Assert.Equal(RelayOutcome.Finished, end.Outcome);
            Assert.Equal((Said, FinishReason.Stop), (relay.Given.Text, relay.Given.Finish));
            Assert.True(end.Usage is { Input: > 10, Output: > 5 });
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Run_IntoAnyProtocol_SaysTheSame(WireProtocol from, WireProtocol to)
    {
        var (sent, end, _) = await RelayAsync(from, to, FakeStreams.Of(from, Question), 64);
        var read = StreamText.Read(sent, to);
        Assert.Equal((Said, "", FinishReason.Stop, true), (read.Text, read.Calls, read.Finish, read.IsWhole));
        Assert.Equal(end.Usage, read.Usage);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Run_ToolCall_KeepsNameAndArguments(WireProtocol from, WireProtocol to)
    {
        var (sent, _, _) = await RelayAsync(from, to, FakeStreams.Of(from, ToolQuestion), 64);
        var read = StreamText.Read(sent, to);
        var id = from == WireProtocol.OpenAi ? "call_fake" : "toolu_fake";
        Assert.Equal($" 0:{id}:look:{{\"at\":[1,2,3],\"why\":\"because\"}}", read.Calls);
        Assert.Equal((FinishReason.ToolCalls, true), (read.Finish, read.IsWhole));
        if (to == WireProtocol.Anthropic)
        {
            StreamText.HasSoundBlocks(sent);
        }
    }

    [Fact]
    public async Task Run_UsageThatTheClientDidNotAskFor_IsReadAndNotShown()
    {
        var stream = FakeStreams.Of(WireProtocol.OpenAi, Question);
        using var to = new MemoryStream();
        var relay = StreamText.Relay(WireProtocol.OpenAi, to, showUsage: false);
        var end = await relay.RunAsync(new MemoryStream(stream), WireProtocol.OpenAi, RecoveryKind.Fresh,
            StreamText.Quiet, default);
        await relay.CompleteAsync(default);
        Assert.NotNull(end.Usage);
        var shown = Encoding.UTF8.GetString(to.ToArray());
        Assert.DoesNotContain("usage", shown);
        Assert.Equal((Said, true), (StreamText.Read(to.ToArray(), WireProtocol.OpenAi).Text,
            shown.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_CommentsAndCarriageReturns_AreHandedOn()
    {
        var stream = ": OPENROUTER PROCESSING\r\n\r\n"
            + "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n"
            + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]";
        var (sent, end, relay) = await RelayAsync(WireProtocol.OpenAi, WireProtocol.OpenAi,
            Encoding.UTF8.GetBytes(stream), 5);
        Assert.Equal((RelayOutcome.Finished, "a"), (end.Outcome, relay.Given.Text));
        Assert.Equal(stream + "\n\n", Encoding.UTF8.GetString(sent));
    }

    [Fact]
    public async Task Run_CallsAllNumberedZero_AreToldApartByTheirIds()
    {
        const string Call = """data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"@","""
            + """ "function":{"name":"f@","arguments":"{}"}}]}}]}""" + "\n\n";
        var stream = Call.Replace("@", "a") + Call.Replace("@", "b");
        var (sent, _, _) = await RelayAsync(WireProtocol.OpenAi, WireProtocol.Anthropic,
            Encoding.UTF8.GetBytes(stream), 100);
        Assert.Equal(" 0:a:fa:{} 1:b:fb:{}", StreamText.Read(sent, WireProtocol.Anthropic).Calls);
    }

    [Theory]
    [InlineData("""data: {"error":{"message":"full","type":"overloaded_error"}}""", WireProtocol.OpenAi)]
    [InlineData("""data: {"type":"error","error":{"type":"overloaded_error","message":"full"}}""",
        WireProtocol.Anthropic)]
    public async Task Run_ErrorWithinTheStream_IsReportedAndNotShown(string line, WireProtocol protocol)
    {
        var stream = line + "\n\n";
        using var to = new MemoryStream();
        var relay = StreamText.Relay(protocol, to);
        var end = await relay.RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(stream)), protocol,
            RecoveryKind.Fresh, StreamText.Quiet, default);
        Assert.Equal((RelayOutcome.Failed, WireFailureKind.Overloaded, "full"),
            (end.Outcome, end.Failure!.Kind, end.Failure.Message));
        Assert.Equal(0, to.Length);
        await relay.FailAsync(end.Failure, default);
        var piece = Assert.Single(StreamText.Pieces(to.ToArray(), protocol, out _));
        Assert.Equal(("full", WireFailureKind.Overloaded), (piece.Failure!.Message, piece.Failure.Kind));
    }

    [Theory]
    [InlineData("data: <oops>\n\n")]
    [InlineData("data: {\"choices\":7}\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":7}}]}\n\n")]
    public async Task Run_Garbage_IsMalformed(string stream)
    {
        var (_, end, _) = await RelayAsync(WireProtocol.OpenAi, WireProtocol.OpenAi,
            Encoding.UTF8.GetBytes(stream), 100, complete: false);
        Assert.Equal(RelayOutcome.Malformed, end.Outcome);
        Assert.NotNull(end.Wrong);
    }

    [Fact]
    public async Task Run_EventAtTheLimitHolds_OnePastIsMalformed()
    {
        var frame = "data: {\"choices\":[],\"x\":\"\"}\n\n".Length;
        Assert.Equal(RelayOutcome.Cut, (await Of(ProtocolLimits.EventBytesMax - frame)).Outcome);
        Assert.Equal(RelayOutcome.Malformed, (await Of(ProtocolLimits.EventBytesMax - frame + 1)).Outcome);

        static async Task<RelayEnd> Of(int length) => (await RelayAsync(WireProtocol.OpenAi,
            WireProtocol.OpenAi,
            Encoding.UTF8.GetBytes("data: {\"choices\":[],\"x\":\"" + new string('a', length) + "\"}\n\n"),
            int.MaxValue, complete: false)).End;
    }

    [Fact]
    public async Task Run_Silence_TimesOut()
    {
        using var to = new MemoryStream();
        var relay = StreamText.Relay(WireProtocol.OpenAi, to);
        var silent = new SilentStream(Encoding.UTF8.GetBytes(
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"));
        var end = await relay.RunAsync(silent, WireProtocol.OpenAi, RecoveryKind.Fresh,
            TimeSpan.FromMilliseconds(50), default);
        Assert.Equal((RelayOutcome.TimedOut, "a"), (end.Outcome, relay.Given.Text));
    }

    [Fact]
    public async Task Run_AClientSlowerThanTheProviderMayBe_IsNoSilence()
    {
        var quiet = TimeSpan.FromSeconds(1);
        using var to = new SlowClient(quiet + TimeSpan.FromMilliseconds(200));
        // longer than is read at once, and all there
        var body = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await body.Writer.WriteAsync(
            FakeStreams.Of(WireProtocol.OpenAi, string.Join(' ', Enumerable.Repeat("word", 5_000))));
        await body.Writer.CompleteAsync();
        var relay = StreamText.Relay(WireProtocol.OpenAi, to);
        var end = await relay.RunAsync(
            body.Reader.AsStream(), WireProtocol.OpenAi, RecoveryKind.Fresh, quiet, default);
        Assert.Equal(RelayOutcome.Finished, end.Outcome);
    }

    internal static async Task<(byte[] Sent, RelayEnd End, StreamRelay Relay)> RelayAsync(WireProtocol from,
        WireProtocol to, byte[] stream, int step, bool complete = true)
    {
        using var sent = new MemoryStream();
        var relay = StreamText.Relay(to, sent);
        var end = await relay.RunAsync(new BrokenStream(stream, stream.Length, step, breaks: false), from,
            RecoveryKind.Fresh, StreamText.Quiet, default);
        if (complete)
        {
            await relay.CompleteAsync(default);
        }
        return (sent.ToArray(), end, relay);
    }
}
