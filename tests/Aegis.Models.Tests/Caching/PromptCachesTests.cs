using System.Text;
using System.Text.Json.Nodes;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Models;
using Aegis.Models.Caching;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Tests.Support;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Caching;

/// <summary>What each kind of provider is asked to keep of a prompt, and what that costs and saves.</summary>
public sealed class PromptCachesTests : IAsyncLifetime
{
    private static readonly ModelPrice Price = new(new TokenRates(new TokenPrice(3, 15)), 0.3m, 3.75m, null,
        CacheHourUsd: 4.5m);

    private readonly ManualClock clock = new();
    private readonly UpstreamClient client = new();
    private FakeProvider fake = null!;
    private PromptCaches prompts = null!;

    private UpstreamTarget Gemini => FakeStreams.Target(fake, WireProtocol.OpenAi) with
    {
        Caching = PromptCaching.CachedContents,
        CachedContents = fake.CachedContentsUrl,
    };

    private UpstreamTarget Anthropic =>
        FakeStreams.Target(fake, WireProtocol.Anthropic) with { Caching = PromptCaching.Marks };

    private int Stores => fake.Requests.Count(request => request.Path == "/v1beta/cachedContents");

    public async Task InitializeAsync()
    {
        fake = await FakeProvider.StartAsync();
        prompts = new(client, clock);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await fake.DisposeAsync();
    }

    [Fact]
    public async Task Marks_AreReadBackInTheNextCall_AndPaidAsSuch()
    {
        var (prepared, first) = await AskAsync(Anthropic, Messages(8_000, "hi"));
        Assert.Equal(PromptUse.Marked, prepared.Use);
        Assert.True(first is { CacheWrite: > 1_900, CachedInput: 0 }, first.ToString());
        var (_, second) = await AskAsync(Anthropic, Messages(8_000, "hi", "hello", "more"));
        // the prefix comes from the cache, what was said since is written for the turn after
        Assert.Equal(first.CacheWrite, second.CachedInput);
        Assert.InRange(second.CacheWrite, 1, 60);
        var (_, third) = await AskAsync(Anthropic, Messages(8_000, "hi", "hello", "more", "well", "and?"));
        Assert.Equal(second.CachedInput + second.CacheWrite, third.CachedInput);
        var all = new[] { first, second, third }.Select(used => CallPrice.Of(Price, used.ToTokens())!.Value);
        Assert.True(all.Sum(price => price.SavedUsd) > 0);
    }

    [Fact]
    public async Task Marks_ChangeNoOtherByte()
    {
        const string Tools =
            """[{"name":"a","input_schema":{}},{"name":"b","input_schema":{"type":"object"} } ]""";
        var system = new string('s', PromptCaches.MarkedBytesLeast);
        var body = $$"""
            { "model":"m", "system" : "{{system}}", "tools":{{Tools}}, "messages":[
              {"role":"user","content":"x"}, {"role":"assistant","content":"y"},
              {"role":"user","content":[{"type":"text","text":"z"}]} ], "max_tokens": 5 }
            """;
        const string Mark = ",\"cache_control\":{\"type\":\"ephemeral\"}";
        var expected = body
            .Replace($"\"{system}\"", $"[{{\"type\":\"text\",\"text\":\"{system}\"{Mark}}}]")
            .Replace("\"text\":\"z\"}", $"\"text\":\"z\"{Mark}}}");
        Assert.Equal(expected, await PutAsync(body));
        // tools alone are long enough
        var tools = Tools.Replace("\"b\"", $"\"{system}\"");
        Assert.Equal(body.Replace(Tools, tools.Replace("} } ]", "} " + Mark + "} ]"))
            .Replace($"\"{system}\", \"tools\"",
                $"[{{\"type\":\"text\",\"text\":\"{system}\"{Mark}}}], \"tools\"")
            .Replace("\"text\":\"z\"}", $"\"text\":\"z\"{Mark}}}"),
            await PutAsync(body.Replace(Tools, tools)));
    }

    [Theory]
    // nothing of it comes again: one message
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"LONG"}]}""")]
    // reasoning, an empty text and an assistant's last word take no mark
    [InlineData("""
        {"model":"m","messages":[{"role":"user","content":"LONG"},{"role":"assistant","content":"a"},
        {"role":"user","content":[{"type":"thinking","thinking":"t"}]}]}
        """)]
    [InlineData("""
        {"model":"m","messages":[{"role":"user","content":"LONG"},{"role":"assistant","content":"a"},
        {"role":"user","content":[{"type":"text","text":""}]}]}
        """)]
    [InlineData("""
        {"model":"m","messages":[{"role":"user","content":"LONG"},{"role":"assistant","content":"a"}]}
        """)]
    // the provider marks by itself
    [InlineData("""{"model":"m","cache_control":{"type":"ephemeral"},"system":"LONG","messages":[]}""")]
    [InlineData("""{"model":"m","system":"","messages":[{"role":"user","content":"LONG"}]}""")]
    [InlineData("""{"model":"m","system":[{}],"messages":[{"role":"user","content":"LONG"}]}""")]
    public async Task Marks_WhereNothingIsToBeMarked_LeaveTheBody(string body)
    {
        var whole = body.Replace("LONG", new string('x', PromptCaches.MarkedBytesLeast));
        Assert.Equal(whole, await PutAsync(whole));
    }

    [Fact]
    public async Task Marks_AtTheLeastLength_AndOneBelow()
    {
        Assert.Contains("cache_control", await PutAsync(System(PromptCaches.MarkedBytesLeast - 2)));
        Assert.DoesNotContain("cache_control", await PutAsync(System(PromptCaches.MarkedBytesLeast - 3)));

        static string System(int chars) =>
            $$"""{"model":"m","system":"{{new string('s', chars)}}","messages":[]}""";
    }

    [Fact]
    public async Task Marks_OfTheClient_AreTheOnlyOnes()
    {
        var body = Encoding.UTF8.GetBytes(Messages(8_000, "hi"));
        var prepared = await prompts.PrepareAsync(Anthropic, body, hasMarks: true, Price, true, default);
        Assert.Equal(PromptUse.Marked, prepared.Use);
        Assert.True(prepared.Body.Span.SequenceEqual(body));
    }

    [Fact]
    public async Task Marks_InOpenAisProtocol_ArePutWhereTheProviderKnowsThem()
    {
        var target = FakeStreams.Target(fake, WireProtocol.OpenAi) with
        {
            Caching = PromptCaching.Marks,
            Wishes = new CallWishes { CacheMarks = true },
        };
        var (prepared, used) = await AskAsync(target, Chat(8_000, "hi"));
        Assert.Equal(PromptUse.Marked, prepared.Use);
        Assert.Contains("cache_control", Encoding.UTF8.GetString(prepared.Body.Span));
        Assert.NotEqual(0, used.Input);
    }

    [Fact]
    public async Task Prefixes_OfAProviderThatFindsThemItself_AreCountedAndPriced()
    {
        var target = FakeStreams.Target(fake, WireProtocol.OpenAi) with { Caching = PromptCaching.Automatic };
        var (prepared, first) = await AskAsync(target, Chat(8_000, "hi"));
        Assert.Equal((PromptUse.Automatic, 0L), (prepared.Use, first.CachedInput));
        var (_, second) = await AskAsync(target, Chat(8_000, "hi", "hello", "more"));
        Assert.Equal(1_920, second.CachedInput);
        Assert.Equal(1_920 * 2.7m / 1_000_000, CallPrice.Of(Price, second.ToTokens())!.Value.SavedUsd);
    }

    [Fact]
    public async Task Contents_AreStoredWhenAPrefixComesAgain_AndPaidOnce()
    {
        var (once, _) = await AskAsync(Gemini, Chat(20_000, "one"));
        Assert.Equal((PromptUse.None, 0), (once.Use, Stores));
        var (stored, used) = await AskAsync(Gemini, Chat(20_000, "two"));
        Assert.Equal((PromptUse.Named, 1), (stored.Use, Stores));
        Assert.Equal(stored.StoredTokens, used.CachedInput);
        // written at its price, and held for ten minutes
        var cost = (stored.StoredTokens * 3.75m / 1_000_000)
            + CallPrice.Kept(Price, stored.StoredTokens, PromptCaches.StoredFor)!.Value;
        Assert.Equal(new CallPrice(cost, -cost), stored.Extra);
        var (again, cached) = await AskAsync(Gemini, Chat(20_000, "three"));
        Assert.Equal((PromptUse.Named, 1, 0L, default(CallPrice)), (again.Use, Stores, again.StoredTokens,
            again.Extra));
        Assert.True(CallPrice.Of(Price, cached.ToTokens())!.Value.SavedUsd > 0);
    }

    [Fact]
    public async Task Contents_AreStoredUnderTheKey_AsTheProviderWantsItThere()
    {
        await using var strict = await FakeProvider.StartAsync(new() { Key = "fake-key" });
        var target = Gemini with { BaseAddress = strict.Url, CachedContents = strict.CachedContentsUrl };
        var body = Encoding.UTF8.GetBytes(Chat(20_000, "one"));
        var prepared = await prompts.PrepareAsync(target, body, hasMarks: true, Price, true, default);
        Assert.Equal(PromptUse.Named, prepared.Use);
        Assert.False(Assert.Single(strict.Requests).Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public void Target_OfTheCatalogue_KnowsItsKindAndPlace()
    {
        var gemini = ModelCatalogue.BuiltIn.Providers["gemini"];
        var target = Gemini with { BaseAddress = gemini.Address.Fill(new Dictionary<string, string>())! };
        Assert.Equal("https://generativelanguage.googleapis.com/v1beta/cachedContents",
            target.With(gemini.PromptCache).CachedContents!.AbsoluteUri);
        Assert.Equal(PromptCaching.None, (target with { BaseAddress = fake.Url }).With(gemini.PromptCache)
            .Caching);
        Assert.Equal([PromptCaching.Automatic, PromptCaching.Marks, PromptCaching.None],
            new[] { PromptCache.OpenAiPrefix, PromptCache.AnthropicCacheControl, PromptCache.None }
                .Select(cache => target.With(cache).Caching));
    }

    [Fact]
    public async Task Contents_WorstExtra_HoldsWhatAStoreCosts()
    {
        _ = await AskAsync(Gemini, Chat(20_000, "one"));
        var body = Chat(20_000, "two");
        var (stored, _) = await AskAsync(Gemini, body);
        Assert.InRange(stored.Extra.CostUsd, 0.000001m,
            PromptCaches.WorstExtraUsd(Gemini, body.Length, Price));
        Assert.Equal(0, PromptCaches.WorstExtraUsd(Anthropic, body.Length, Price));
    }

    [Fact]
    public async Task Contents_WithoutAPriceForKeeping_AreNotStoredWhereDollarsAreBounded()
    {
        foreach (var price in new ModelPrice?[] { null, Price with { CacheHourUsd = null } })
        {
            for (var n = 0; n < 2; n++)
            {
                var body = Encoding.UTF8.GetBytes(Chat(20_000, "one"));
                Assert.Equal(PromptUse.None, (await prompts.PrepareAsync(Gemini, body, true, price, true,
                    default)).Use);
            }
        }
        Assert.Equal(0, Stores);
    }

    [Fact]
    public async Task Contents_ForgottenByTheProvider_GoBackToTheWholePrompt()
    {
        _ = await AskAsync(Gemini, Chat(20_000, "one"));
        _ = await AskAsync(Gemini, Chat(20_000, "two"));
        fake.ForgetContents();
        var body = Encoding.UTF8.GetBytes(Chat(20_000, "three"));
        var prepared = await prompts.PrepareAsync(Gemini, body, false, Price, true, default);
        using (var answer = await client.SendAsync(Gemini, UpstreamPath.Chat, prepared.Body, default))
        {
            Assert.True(answer.IsFailure);
            Assert.True(prepared.IsStale(answer.Failure!));
        }
        prompts.Forget(prepared);
        Assert.True(prepared.Original.Span.SequenceEqual(body));
        var (again, _) = await AskAsync(Gemini, Chat(20_000, "three"));
        Assert.Equal((PromptUse.Named, 2), (again.Use, Stores));
    }

    [Fact]
    public async Task Contents_ThatCannotBeStoredOrRead_LetTheCallGo()
    {
        _ = await AskAsync(Gemini, Chat(20_000, "one"));
        fake.Script(FakeFault.Status(500));
        var (refused, _) = await AskAsync(Gemini, Chat(20_000, "two"));
        Assert.Equal((PromptUse.None, default(CallPrice)), (refused.Use, refused.Extra));
        var odd = Encoding.UTF8.GetBytes(
            $$"""{"model":"m","n":true,"messages":"{{new string('x', PromptCaches.StoredBytesLeast)}}"}""");
        Assert.True((await prompts.PrepareAsync(Gemini, odd, true, Price, true, default)).Body.Span
            .SequenceEqual(odd));
    }

    private static string Messages(int systemChars, params string[] said) => new JsonObject
    {
        ["model"] = "fake-1",
        ["max_tokens"] = 500,
        ["system"] = new string('s', systemChars),
        ["messages"] = Said(said),
    }.ToJsonString();

    private static string Chat(int systemChars, params string[] said)
    {
        var messages = Said(said);
        messages.Insert(0,
            new JsonObject { ["role"] = "system", ["content"] = new string('s', systemChars) });
        return new JsonObject { ["model"] = "fake-1", ["messages"] = messages }.ToJsonString();
    }

    private static JsonArray Said(string[] said) => [.. said.Select((text, i) => new JsonObject
    {
        ["role"] = i % 2 == 0 ? "user" : "assistant",
        ["content"] = text,
    })];

    private async Task<string> PutAsync(string body)
    {
        var prepared = await prompts.PrepareAsync(Anthropic, Encoding.UTF8.GetBytes(body), false, Price, true,
            default);
        return Encoding.UTF8.GetString(prepared.Body.Span);
    }

    private async Task<(PreparedPrompt Prepared, TokenUsage Used)> AskAsync(
        UpstreamTarget target, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var prepared = await prompts.PrepareAsync(target, bytes, CallOutline.Read(bytes).HasCacheMarks, Price,
            true, default);
        return (prepared, await FakeStreams.UsedAsync(client, target, prepared.Body));
    }
}
