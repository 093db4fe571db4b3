using System.Text;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Tests.Support;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Upstreams;

/// <summary>Providers that answer, refuse, break and fall silent.</summary>
public sealed class UpstreamClientTests : IAsyncDisposable
{
    private const string Secret = "sk-very-secret-1";
    private readonly UpstreamClient client = new(new()
    {
        HeaderTimeout = TimeSpan.FromSeconds(30),
        AnswerBytesMax = 100_000,
    });

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Send_Call_GivesTheAnswer(WireProtocol protocol)
    {
        await using var fake = await FakeProvider.StartAsync();
        var (body, failure) = await AskAsync(FakeStreams.Target(fake, protocol), protocol);
        Assert.Null(failure);
        var isRead = ChatTranslation.TryReadAnswer(body!.Value.Span, protocol, out var answer, out var wrong);
        Assert.True(isRead, wrong);
        Assert.Equal("You said: hi", answer!.Text);
    }

    [Theory]
    [InlineData("400", UpstreamFailureKind.Refused, 400)]
    [InlineData("401", UpstreamFailureKind.KeyRefused, 401)]
    [InlineData("403", UpstreamFailureKind.KeyRefused, 403)]
    [InlineData("404", UpstreamFailureKind.NotFound, 404)]
    [InlineData("413", UpstreamFailureKind.TooLong, 413)]
    [InlineData("429", UpstreamFailureKind.RateLimited, 429)]
    [InlineData("500", UpstreamFailureKind.Overloaded, 500)]
    [InlineData("503", UpstreamFailureKind.Overloaded, 503)]
    [InlineData("529", UpstreamFailureKind.Overloaded, 529)]
    [InlineData("504", UpstreamFailureKind.TimedOut, 504)]
    [InlineData("redirect", UpstreamFailureKind.Malformed, 302)]
    public async Task Send_Refusal_HasItsKind(string fault, UpstreamFailureKind kind, int status)
    {
        await using var fake = await FakeProvider.StartAsync();
        foreach (var protocol in new[] { WireProtocol.OpenAi, WireProtocol.Anthropic })
        {
            var (_, failure) = await AskAsync(FakeStreams.Target(fake, protocol, fault), protocol);
            Assert.Equal((kind, status), (failure!.Kind, failure.Status));
        }
        Assert.Equal(2, fake.Requests.Count);
    }

    [Theory]
    [InlineData("429 retry-after=7", 7)]
    [InlineData("503 retry-after=0", 0)]
    [InlineData("429 retry-after=999999", 3600)]
    [InlineData("429 retry-after=soon", null)]
    [InlineData("429", null)]
    public async Task Send_RetryAfter_IsReadAndBounded(string fault, int? seconds)
    {
        await using var fake = await FakeProvider.StartAsync();
        var (_, failure) = await AskAsync(FakeStreams.Target(fake, WireProtocol.OpenAi, fault));
        Assert.Equal(seconds, failure!.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Send_RetryAfterAsADate_IsReckonedFromNow()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Status("429 Too Many Requests", "",
            "Retry-After: Thu, 01 Jan 2026 00:01:30 GMT\r\n"));
        var clock = new ManualClock();
        clock.Advance(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch);
        using var timed = new UpstreamClient(new(), clock);
        using var answer = await timed.SendAsync(Target(server.Url("/v1")), UpstreamPath.Chat, Body(),
            default);
        Assert.Equal(TimeSpan.FromSeconds(90), answer.Failure!.RetryAfter);
    }

    [Fact]
    public async Task Send_Hanging_TimesOut()
    {
        await using var fake = await FakeProvider.StartAsync();
        using var hasty = new UpstreamClient(new() { HeaderTimeout = TimeSpan.FromMilliseconds(100) });
        using var answer = await hasty.SendAsync(FakeStreams.Target(fake, WireProtocol.OpenAi, "hang"),
            UpstreamPath.Chat, Body(), default);
        Assert.Equal(UpstreamFailureKind.TimedOut, answer.Failure!.Kind);
    }

    [Fact]
    public async Task Send_CallerGone_IsNoFailureOfTheProvider()
    {
        await using var fake = await FakeProvider.StartAsync();
        using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.SendAsync(
            FakeStreams.Target(fake, WireProtocol.OpenAi, "hang"), UpstreamPath.Chat, Body(), gone.Token));
    }

    [Fact]
    public async Task Send_NobodyThere_IsUnreachable()
    {
        using var port = new DeafPort();
        var (_, failure) = await AskAsync(Target(port.Url("/v1")));
        Assert.Equal((UpstreamFailureKind.Unreachable, "ConnectionRefused"), (failure!.Kind, failure.Why));
    }

    [Theory]
    [InlineData("truncate", UpstreamFailureKind.Cut)]
    [InlineData("cut=10", UpstreamFailureKind.Cut)]
    public async Task Read_Truncated_IsCut(string fault, UpstreamFailureKind kind)
    {
        await using var fake = await FakeProvider.StartAsync();
        var (_, failure) = await AskAsync(FakeStreams.Target(fake, WireProtocol.OpenAi, fault));
        Assert.Equal(kind, failure!.Kind);
    }

    [Theory]
    [InlineData("", UpstreamFailureKind.Cut)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", UpstreamFailureKind.Malformed)]
    public async Task Send_WhatIsNotHttp_HasItsKind(string bytes, UpstreamFailureKind kind)
    {
        await using var server = new LoopbackServer(_ => Encoding.UTF8.GetBytes(bytes));
        var (_, failure) = await AskAsync(Target(server.Url("/v1")));
        Assert.Equal(kind, failure!.Kind);
    }

    [Fact]
    public async Task Read_AtTheLimitHolds_OnePastIsMalformed()
    {
        await using var server = new LoopbackServer(head =>
            LoopbackServer.Ok(new string('a', head.Contains("POST /one") ? 100_001 : 100_000)));
        Assert.Equal(100_000, (await AskAsync(Target(server.Url("/full")))).Bytes!.Value.Length);
        var (_, failure) = await AskAsync(Target(server.Url("/one")));
        Assert.Equal((UpstreamFailureKind.Malformed, "it is longer than the limit of 100000 bytes"),
            (failure!.Kind, failure.Why));
    }

    [Theory]
    [InlineData(UpstreamAuthKind.Bearer, null, "Authorization: Bearer " + Secret)]
    [InlineData(UpstreamAuthKind.Header, "x-api-key", "x-api-key: " + Secret)]
    [InlineData(UpstreamAuthKind.Query, "key", "POST /v1/chat/completions?a=b&key=" + Secret + " HTTP/1.1")]
    public async Task Send_Auth_IsShownAsTheProviderWantsIt(UpstreamAuthKind kind, string? name, string line)
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("{}"));
        _ = await AskAsync(Target(server.Url("/v1?a=b"), new(kind, name, Secret)));
        var (head, body) = Assert.Single(server.Asked);
        Assert.Contains(line, head.Split("\r\n"));
        Assert.Equal(Encoding.UTF8.GetString(Body()), body);
    }

    [Fact]
    public async Task Secret_RepeatedByTheProvider_ReachesNoMessage()
    {
        await using var fake = await FakeProvider.StartAsync(new() { Key = "another" });
        foreach (var auth in new UpstreamAuth[]
            { UpstreamAuth.Bearer(Secret), new(UpstreamAuthKind.Query, "key", Secret) })
        {
            var target = Target(fake.Url, auth);
            var (_, failure) = await AskAsync(target);
            Assert.Equal("Incorrect API key provided: ***.", failure!.Said!.Message);
            foreach (var text in new[] { failure.ToString(), target.ToString(), auth.ToString(),
                failure.ToException("fake", TimeSpan.Zero).ToString() })
            {
                Assert.DoesNotContain(Secret, text);
            }
        }
    }

    [Fact]
    public async Task Send_Redirect_IsNotFollowed()
    {
        await using var other = new LoopbackServer(_ => LoopbackServer.Ok("{}"));
        await using var server = new LoopbackServer(_ => LoopbackServer.Status("307 Temporary Redirect", "",
            $"Location: {other.Url("/v1/chat/completions")}\r\nSet-Cookie: a=b\r\n"));
        var (_, failure) = await AskAsync(Target(server.Url("/v1")));
        Assert.Equal((UpstreamFailureKind.Malformed, 0), (failure!.Kind, other.Asked.Count));
        _ = await AskAsync(Target(server.Url("/v1")));
        Assert.DoesNotContain(server.Asked, asked => asked.Head.Contains("Cookie"));
    }

    [Theory]
    [InlineData("cut=150", RelayOutcome.Cut)]
    [InlineData("stream-error=3", RelayOutcome.Failed)]
    [InlineData("stream-garbage=3", RelayOutcome.Malformed)]
    [InlineData("slow=1", RelayOutcome.Finished)]
    public async Task Stream_Fault_HasItsOutcome(string fault, RelayOutcome outcome)
    {
        await using var fake = await FakeProvider.StartAsync();
        foreach (var protocol in new[] { WireProtocol.OpenAi, WireProtocol.Anthropic })
        {
            using var answer = await client.SendAsync(FakeStreams.Target(fake, protocol, fault),
                UpstreamPath.Chat, FakeStreams.Call(protocol, "a b c d e f g"), default);
            Assert.True(answer.IsEventStream);
            using var to = new MemoryStream();
            var relay = StreamText.Relay(protocol, to);
            var end = await relay.RunAsync(answer.Body!, protocol, RecoveryKind.Fresh, StreamText.Quiet,
                default);
            Assert.Equal(outcome, end.Outcome);
        }
    }

    [Fact]
    public async Task Send_Embeddings_AreCountedAndPassed()
    {
        await using var fake = await FakeProvider.StartAsync();
        var call = Encoding.UTF8.GetBytes("""{"model":"mine","input":["one two","three"]}""");
        var target = FakeStreams.Target(fake, WireProtocol.OpenAi);
        var outline = CallOutline.Read(call);
        using var answer = await client.SendAsync(target, UpstreamPath.Embeddings,
            CallSplice.Apply(call, outline, new(target.Model), WireProtocol.OpenAi), default);
        var (bytes, _) = await answer.ReadAsync(default);
        Assert.True(AnswerOutline.TryRead(bytes!.Value.Span, WireProtocol.OpenAi, AnswerKind.Embeddings,
            out var read, out _));
        Assert.Equal(("fake-1", 4L), (read.Model, read.Usage!.Input));
    }

    [Fact]
    public async Task Send_Transcription_PassesTheSound()
    {
        await using var fake = await FakeProvider.StartAsync();
        using var form = new MultipartFormDataContent("b7")
        {
            { new ByteArrayContent([0, 13, 10, 45, 45, 98, 56, 255]), "file", "a.wav" },
            { new StringContent("mine"), "model" },
        };
        var body = await form.ReadAsByteArrayAsync();
        var target = FakeStreams.Target(fake, WireProtocol.OpenAi);
        using var answer = await client.SendAsync(target, UpstreamPath.Transcriptions,
            FormOutline.Read(body, "b7").With(body, target.Model), default,
            form.Headers.ContentType!.ToString());
        var (bytes, _) = await answer.ReadAsync(default);
        Assert.True(AnswerOutline.TryRead(bytes!.Value.Span, WireProtocol.OpenAi, AnswerKind.Transcription,
            out var read, out _));
        Assert.Equal(5, read.Usage!.Output);
        var sent = Assert.Single(fake.Requests);
        Assert.Equal(form.Headers.ContentType.ToString(), sent.Headers["Content-Type"]);
        Assert.Equal(("fake-1", 8L), (FormOutline.Read(sent.Body, "b7").Model,
            FormOutline.Read(sent.Body, "b7").FileBytes));
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Stream_CutAndGoneOnWith_IsOneWholeAnswer(WireProtocol protocol)
    {
        await using var fake = await FakeProvider.StartAsync();
        var target = FakeStreams.Target(fake, protocol) with { Wishes = new() { Prefill = true } };
        var body = FakeStreams.Call(protocol, "a b c d e f g h i j k");
        using var to = new MemoryStream();
        var relay = StreamText.Relay(protocol, to);
        fake.Script(new FakeFault(FakeFaultKind.Cut, 1500));
        Assert.Equal(RelayOutcome.Cut, (await RunAsync(body, RecoveryKind.Fresh)).Outcome);
        var given = relay.Given.Text;
        Assert.InRange(given.Length, 8, 25);
        var again = StreamRecovery.Continuing(ChatTranslation.ReadCall(body, protocol), relay.Given,
            target.Wishes);
        Assert.Equal(RelayOutcome.Finished, (await RunAsync(
            ChatTranslation.WriteCall(again, protocol, target.Wishes), RecoveryKind.Continue)).Outcome);
        await relay.CompleteAsync(default);
        Assert.Equal("You said: a b c d e f g h i j k", StreamText.Read(to.ToArray(), protocol).Text);

        async Task<RelayEnd> RunAsync(byte[] call, RecoveryKind kind)
        {
            using var answer = await client.SendAsync(target, UpstreamPath.Chat, call, default);
            return await relay.RunAsync(answer.Body!, protocol, kind, StreamText.Quiet, default);
        }
    }

    [Fact]
    public async Task Send_LongRefusal_IsReadToItsLimit()
    {
        const int Limit = 64 * 1024;
        const string Frame = """{"error":{"message":"no","x":"@"}}""";
        await using var server = new LoopbackServer(head => LoopbackServer.Status("400 Bad Request",
            Frame.Replace("@", new string('a', Limit - Frame.Length + (head.Contains("/one/") ? 2 : 1)))));
        Assert.Equal("no", (await AskAsync(Target(server.Url("/full")))).Failure!.Said!.Message);
        Assert.Equal("HTTP 400", (await AskAsync(Target(server.Url("/one")))).Failure!.Said!.Message);
    }

    private async Task<(ReadOnlyMemory<byte>? Bytes, UpstreamFailure? Failure)> AskAsync(
        UpstreamTarget target, WireProtocol protocol = WireProtocol.OpenAi)
    {
        using var answer = await client.SendAsync(target, UpstreamPath.Chat,
            FakeStreams.Call(protocol, "hi", stream: false), default);
        var (bytes, failure) = await answer.ReadAsync(default);
        return (bytes, failure);
    }

    private static byte[] Body() => FakeStreams.Call(WireProtocol.OpenAi, "hi", stream: false);

    private static UpstreamTarget Target(Uri address, UpstreamAuth? auth = null) =>
        new("fake", address, WireProtocol.OpenAi, auth ?? UpstreamAuth.None, "m");
}
