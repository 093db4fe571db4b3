using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Profiles;
using Aegis.Models.Caching;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Tests.Support;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Caching;

/// <summary>Answers of the fake provider, given once and again.</summary>
public sealed class AnswerCacheTests : IAsyncLifetime
{
    private static readonly Tenancy Shop = CacheCalls.Shop;
    private readonly ManualClock clock = new();
    private readonly UpstreamClient client = new();
    private AnswerCache cache = null!;
    private FakeProvider fake = null!;

    public async Task InitializeAsync()
    {
        fake = await FakeProvider.StartAsync();
        cache = new(null, clock);
    }

    public async Task DisposeAsync()
    {
        await cache.DisposeAsync();
        client.Dispose();
        await fake.DisposeAsync();
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Answer_IsGivenAgainByteForByte_UntilItIsTooOld(WireProtocol protocol)
    {
        var first = await AskAsync(protocol, "one");
        clock.Advance(TimeSpan.FromSeconds(3_599));
        Assert.Equal(first, await AskAsync(protocol, "one"));
        Assert.Single(fake.Requests);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first, await AskAsync(protocol, "one"));
        Assert.Equal(2, fake.Requests.Count);
        _ = await AskAsync(protocol, "two");
        Assert.Equal(new AnswerCacheCounts(1, 0, 3, 0, 3, 0), cache.Counts);
    }

    [Fact]
    public async Task Answer_OfAnotherTenantOrProject_IsNeverGiven()
    {
        foreach (var asker in new Tenancy[] { Shop, new("other", "shop"), new("acme", "blog") })
        {
            _ = await AskAsync(WireProtocol.OpenAi, "one", asker);
        }
        Assert.Equal(3, fake.Requests.Count);
    }

    [Fact]
    public async Task Answer_CutOrRefusedOrBroken_IsNotKept()
    {
        for (var n = 0; n < 2; n++)
        {
            _ = await AskAsync(WireProtocol.OpenAi, "much to say about this", maxTokens: 1);
        }
        fake.Script(FakeFault.Status(500), new FakeFault(FakeFaultKind.Truncate));
        Assert.Null(await AskAsync(WireProtocol.OpenAi, "one"));
        Assert.Null(await AskAsync(WireProtocol.OpenAi, "one"));
        Assert.NotNull(await AskAsync(WireProtocol.OpenAi, "one"));
        Assert.Equal((5, 1L), (fake.Requests.Count, cache.Counts.Kept));
        Assert.Null(CachedAnswers.Of(Encoding.UTF8.GetBytes(
            """{"choices":[{"message":{"content":null,"refusal" : "I won't."},"finish_reason":"stop"}]}"""),
            WireProtocol.OpenAi, new(null, FinishReason.Stop, null)));
        Assert.NotNull(CachedAnswers.Of(Encoding.UTF8.GetBytes(
            """
            {"choices":[{"message":{"content":"\"refusal\":\"x\"","refusal":null},"finish_reason":"stop"}]}
            """),
            WireProtocol.OpenAi, new(null, FinishReason.Stop, null)));
        Assert.Null(CachedAnswers.Of("{}"u8.ToArray(), WireProtocol.OpenAi,
            new(null, FinishReason.Filter, null)));
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    [InlineData(WireProtocol.Responses)]
    public async Task Stream_SeenToItsEnd_IsKept_AndServesBothWays(WireProtocol protocol)
    {
        var from = protocol == WireProtocol.Responses ? WireProtocol.OpenAi : protocol;
        var head = new StreamHead("id_1", "fake-1", 1_700_000_000, ShowUsage: true);
        var pipe = new Pipe();
        var relay = new StreamRelay(protocol, head, pipe.Writer);
        var end = await relay.RunAsync(new MemoryStream(FakeStreams.Of(from, "one two")), from,
            RecoveryKind.Fresh, TimeSpan.FromMinutes(1), default);
        var kept = CachedAnswers.OfStream(relay.Given, head, end.Usage, protocol);
        Assert.Equal(end.Usage!.ToTokens(), kept!.Tokens);

        var whole = Encoding.UTF8.GetString(CachedAnswers.For(kept, protocol, 1_700_000_000).Span);
        Assert.Contains("You said: one two", whole);
        if (protocol != WireProtocol.Responses)
        {
            Assert.True(ChatTranslation.TryReadAnswer(kept.Body.Span, protocol, out var read, out _));
            Assert.Equal(("You said: one two", FinishReason.Stop, end.Usage),
                (read.Text, read.Finish, read.Usage));
            var stream = new System.Buffers.ArrayBufferWriter<byte>();
            Assert.True(CachedAnswers.TryRead(kept, out var again));
            AnswerStream.Write(again, protocol, head, stream);
            var said = StreamText.Read(stream.WrittenSpan.ToArray(), protocol);
            Assert.Equal(("You said: one two", FinishReason.Stop, true, end.Usage),
                (said.Text, said.Finish, said.IsWhole, said.Usage));
        }
    }

    [Fact]
    public void Stream_CutOrWithReasoningOrEmpty_IsNotKept()
    {
        var head = new StreamHead("id", "m", 0, true);
        var text = new ChatPiece(PieceKind.Text, "a");
        var stop = new ChatPiece(PieceKind.Finish) { Finish = FinishReason.Stop };
        var thought = new ChatPiece(PieceKind.Reasoning, "hm");
        var tool = new ChatPiece(PieceKind.ToolCall, Name: "t");
        Assert.NotNull(Kept(text, stop));
        Assert.Null(Kept(text));
        Assert.Null(Kept(stop));
        Assert.Null(Kept(thought, text, stop));
        Assert.Null(Kept(text, tool, stop));
        Assert.Null(Kept(text, stop with { Finish = FinishReason.Length }));
        // at the limit of the text the body is past it
        Assert.Null(Kept(text with { Text = new string('x', AnswerCacheOptions.AnswerBytesMax) }, stop));

        CachedAnswer? Kept(params ChatPiece[] pieces)
        {
            var given = new GivenOut();
            foreach (var piece in pieces)
            {
                given.Take(piece);
            }
            return CachedAnswers.OfStream(given, head, null, WireProtocol.OpenAi);
        }
    }

    [Fact]
    public async Task Keep_AnAnswerAtTheLimit_AndOnePast()
    {
        var call = CacheCalls.Cacheable();
        cache.Keep(call, CacheCalls.Key(1), CacheCalls.Answer(AnswerCacheOptions.AnswerBytesMax));
        cache.Keep(call, CacheCalls.Key(2), CacheCalls.Answer(AnswerCacheOptions.AnswerBytesMax + 1));
        Assert.NotNull(await cache.FindAsync(call, CacheCalls.Key(1), default));
        Assert.Null(await cache.FindAsync(call, CacheCalls.Key(2), default));
    }

    [Fact]
    public void OnlyIfCached_WithoutAnAnswer_SaysWhy()
    {
        var missing = CacheErrors.NotKept(CacheVerdict.Cacheable).Error;
        Assert.Equal(("AEGIS2343", null), (missing.Code, missing.Got));
        foreach (var verdict in Enum.GetValues<CacheVerdict>().Where(v => v != CacheVerdict.Cacheable))
        {
            Assert.NotNull(CacheErrors.NotKept(verdict).Error.Got);
        }
    }

    [Fact]
    public async Task Embeddings_AreKept()
    {
        const string Body = """{"model":"fake-1","input":["one","two"]}""";
        for (var n = 0; n < 2; n++)
        {
            _ = await AskAsync(CacheCalls.Call(Body, kind: AnswerKind.Embeddings), UpstreamPath.Embeddings,
                Shop);
        }
        Assert.Single(fake.Requests);
    }

    private Task<string?> AskAsync(WireProtocol protocol, string question, Tenancy? tenancy = null,
        int maxTokens = 500)
    {
        var body = JsonNode.Parse(FakeStreams.Call(protocol, question, stream: false))!.AsObject();
        body.Remove("tools");
        body["max_tokens"] = maxTokens;
        return AskAsync(CacheCalls.Call(body.ToJsonString(), protocol), UpstreamPath.Chat, tenancy ?? Shop);
    }

    // what the runner does with a cache, in the small
    private async Task<string?> AskAsync(ModelCall call, UpstreamPath path, Tenancy tenancy)
    {
        var target = FakeStreams.Target(fake, call.Protocol);
        Assert.Equal(CacheVerdict.Cacheable, CacheableCall.Judge(call, CacheProfile.Default, tenancy,
            CacheCalls.Sent, out var cacheable));
        Assert.True(cacheable!.TryKey(target, out var key));
        if (await cache.FindAsync(cacheable, key, default) is { } kept)
        {
            return Encoding.UTF8.GetString(kept.Body.Span);
        }
        using var answer = await client.SendAsync(target, path, call.Body, default);
        if ((await answer.ReadAsync(default)).Bytes is not { } bytes)
        {
            return null;
        }
        Assert.True(AnswerOutline.TryRead(bytes.Span, call.Protocol, call.Kind, out var outline, out _));
        if (CachedAnswers.Of(bytes, call.Protocol, outline) is { } whole)
        {
            cache.Keep(cacheable, key, whole);
        }
        return Encoding.UTF8.GetString(bytes.Span);
    }
}
