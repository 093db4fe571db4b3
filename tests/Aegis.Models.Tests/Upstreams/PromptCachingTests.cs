using System.Text;
using System.Text.Json;
using Aegis.Models.Protocols;
using Aegis.Models.Tests.Support;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Upstreams;

/// <summary>What providers keep of prompts: by marks, and by contents that are stored before.</summary>
public sealed class PromptCachingTests : IAsyncLifetime
{
    private static readonly ChatCall Call = new()
    {
        Model = "fake-1",
        System = [new TextPart(new string('s', 800))],
        Messages = [new(ChatRole.User, [new TextPart("hi")])],
        Tools = [new("look", "Looks.", """{"type":"object"}""")],
        ToolChoice = new(ToolChoiceKind.Auto),
        MaxTokens = 100,
    };

    private readonly ManualClock clock = new();
    private readonly UpstreamClient client = new();
    private FakeProvider fake = null!;
    private CachedContents contents = null!;

    public async Task InitializeAsync()
    {
        fake = await FakeProvider.StartAsync();
        contents = new(client, clock);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await fake.DisposeAsync();
    }

    [Fact]
    public async Task Marks_AskedFor_AreKeptByTheProvider()
    {
        var target = FakeStreams.Target(fake, WireProtocol.Anthropic) with { Caching = PromptCaching.Marks };
        var marked = PromptMarks.Put(Call, target.Caching);
        var first = await UsageAsync(target, marked);
        var second = await UsageAsync(target, marked);
        Assert.True(first is { CacheWrite: > 200, CachedInput: 0 }, first.ToString());
        Assert.Equal((first.CacheWrite, 0L), (second.CachedInput, second.CacheWrite));
        Assert.Equal(0, (await UsageAsync(target, Call)).CachedInput);
    }

    [Fact]
    public void Marks_OfTheClient_StayAsTheyAre()
    {
        var own = Call with { System = [new TextPart("s") { Mark = CacheMark.Long }] };
        Assert.Same(own, PromptMarks.Put(own, PromptCaching.Marks));
        Assert.Same(Call, PromptMarks.Put(Call, PromptCaching.Automatic));
        Assert.Same(Call, PromptMarks.Put(Call, PromptCaching.Marks, CacheMark.None));
    }

    [Fact]
    public async Task Contents_AreStoredOnceAndNamed()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => UseAsync().AsTask()));
        Assert.All(made, one => Assert.True(one.IsKept));
        Assert.Single(made, one => one.WrittenTokens > 0);
        Assert.Equal(1, Stored());
        var usage = await UsageAsync(Target(), made[0].Call);
        Assert.Equal(made.Max(one => one.WrittenTokens), usage.CachedInput);

        using var stored = JsonDocument.Parse(Stores().Single().Body);
        Assert.Equal("models/fake-1", stored.RootElement.GetProperty("model").GetString());
        Assert.Equal("600s", stored.RootElement.GetProperty("ttl").GetString());
        var sent = fake.Requests.Last(request => request.Path == "/v1/chat/completions");
        using var call = JsonDocument.Parse(sent.Body);
        Assert.False(call.RootElement.TryGetProperty("tools", out _));
        Assert.Equal(1, call.RootElement.GetProperty("messages").GetArrayLength());
        Assert.StartsWith("cachedContents/", call.RootElement.GetProperty("extra_body").GetProperty("google")
            .GetProperty("cached_content").GetString());
    }

    [Fact]
    public async Task Contents_Expired_AreStoredAgain()
    {
        _ = await UseAsync();
        clock.Advance(TimeSpan.FromSeconds(584));
        _ = await UseAsync();
        Assert.Equal(1, Stored());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await UseAsync()).WrittenTokens > 0);
        Assert.Equal(2, Stored());
    }

    [Fact]
    public async Task Contents_OfAnotherKeyOrPrefix_AreNotNamed()
    {
        _ = await UseAsync();
        _ = await contents.UseAsync(Target() with { Auth = UpstreamAuth.Bearer("other") }, Call,
            TimeSpan.FromMinutes(10), 100, default);
        _ = await UseAsync(Call with { System = [new TextPart(new string('t', 800))] });
        Assert.Equal(3, Stored());
    }

    [Fact]
    public async Task Contents_NotStored_LetTheCallGoAsItIs()
    {
        fake.Script(FakeFault.Status(400));
        var refused = await UseAsync();
        Assert.Equal((false, 0L), (refused.IsKept, refused.WrittenTokens));
        Assert.Same(Call, refused.Call);
        Assert.False((await UseAsync()).IsKept);
        Assert.Equal(1, Stored());
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await UseAsync()).IsKept);
    }

    [Fact]
    public async Task Contents_ForgottenByTheProvider_AreStoredAgain()
    {
        var named = await UseAsync();
        contents.Forget(named.Call.Rest.Single().Json);
        _ = await UseAsync();
        Assert.Equal(2, Stored());
    }

    [Fact]
    public async Task Contents_AtTheLimitAreKept_OneMoreForgetsTheOldest()
    {
        var few = new CachedContents(client, clock, keptMax: 2);
        foreach (var (letter, stored) in new[] { ('a', 1), ('b', 2), ('a', 2), ('c', 3), ('b', 3), ('a', 4) })
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            _ = await few.UseAsync(Target(), Call with { System = [new TextPart(new string(letter, 800))] },
                TimeSpan.FromMinutes(10), 100, default);
            Assert.Equal(stored, Stored());
        }
    }

    [Fact]
    public async Task Contents_ShortOrUnasked_AreNotStored()
    {
        var whole = await contents.UseAsync(Target(), Call, TimeSpan.FromMinutes(10), 100_000, default);
        Assert.False(whole.IsKept);
        Assert.False((await contents.UseAsync(Target() with { Caching = PromptCaching.None }, Call,
            TimeSpan.FromMinutes(10), 100, default)).IsKept);
        Assert.Equal(0, Stored());
    }

    [Fact]
    public async Task Contents_MarkedMessages_AreStoredWithThePrompt()
    {
        var call = Call with
        {
            Messages = [new(ChatRole.User, [new TextPart("a book") { Mark = CacheMark.Short }]),
                new(ChatRole.User, [new TextPart("hi") { Mark = CacheMark.Short }])],
        };
        var used = await UseAsync(call);
        Assert.Equal(call.Messages[1], Assert.Single(used.Call.Messages));
        Assert.Contains("a book", Encoding.UTF8.GetString(Stores().Single().Body));
    }

    private ValueTask<CachedCall> UseAsync(ChatCall? call = null) =>
        contents.UseAsync(Target(), call ?? Call, TimeSpan.FromMinutes(10), 100, default);

    private UpstreamTarget Target() => FakeStreams.Target(fake, WireProtocol.OpenAi) with
    {
        Caching = PromptCaching.CachedContents,
        CachedContents = fake.CachedContentsUrl,
    };

    private IEnumerable<FakeRequest> Stores() => fake.Requests.Where(r => r.Path == "/v1beta/cachedContents");

    private int Stored() => Stores().Count();

    private Task<TokenUsage> UsageAsync(UpstreamTarget target, ChatCall call) => FakeStreams.UsedAsync(client,
        target, ChatTranslation.WriteCall(call, target.Protocol, target.Wishes));
}
