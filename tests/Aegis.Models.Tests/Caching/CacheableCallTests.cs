using Aegis.Core.Profiles;
using Aegis.Models.Caching;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;
using static Aegis.Models.Tests.Caching.CacheCalls;

namespace Aegis.Models.Tests.Caching;

/// <summary>Which calls are answered again, and with whose answers.</summary>
public sealed class CacheableCallTests
{
    [Theory]
    [InlineData("""
        {"top_p":1,"messages":[{"role":"user","content":"hi there"}],"temperature":0,"model":"m"}
        """)]
    [InlineData("""
        { "model" : "m", "temperature" : 0, "top_p" : 1,
          "messages" : [ { "role" : "user", "content" : "hi \u0074here" } ] }
        """)]
    [InlineData("""
        {"model":"other","temperature":0.0,"messages":[{"role":"user","content":"hi there"}],"top_p":1,
         "stream":true,"stream_options":{"include_usage":true},"user":"u","metadata":{"a":"b"},"n":1,
         "service_tier":"auto","prompt_cache_key":"k","safety_identifier":"s","store":false,"audio":null,
         "max_completion_tokens":4000}
        """)]
    public void Key_OfWhatChangesNothing_IsTheSame(string body) => Assert.Equal(Key(Body), Key(body));

    [Theory]
    [InlineData("""
        {"model":"m","temperature":0,"messages":[{"role":"user","content":"hi  there"}],"top_p":1}
        """)]
    [InlineData("""
        {"model":"m","temperature":0,"messages":[{"role":"user","content":"hi there"}],"top_p":2}
        """)]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"hi there"}]}""")]
    [InlineData("""
        {"model":"m","temperature":0.1,"messages":[{"role":"user","content":"hi there"}],"top_p":1}
        """)]
    [InlineData(
        """
        {"model":"m","temperature":0,"messages":[{"role":"user","content":"hi there"}],"top_p":1,"seed":7}
        """)]
    [InlineData(
        """
        {"model":"m","temperature":0,"messages":[{"role":"user","content":"hi there"}],
        "top_p":1,"max_tokens":9}
        """)]
    [InlineData("""
        {"model":"m","temperature":0,"messages":[{"role":"user","content":["hi there"]}],"top_p":1}
        """)]
    [InlineData(
        """{"model":"m","temperature":0,"messages":[{"role":"user"},{"content":"hi there"}],"top_p":1}""")]
    public void Key_OfAnotherQuestion_IsAnother(string body) => Assert.NotEqual(Key(Body), Key(body));

    [Fact]
    public void Key_OfAnotherProjectTenantModelProviderOrPlace_IsAnother()
    {
        var keys = new[]
        {
            Key(Body),
            Key(Body, tenancy: new("acme", "blog")),
            Key(Body, tenancy: new("other", "shop")),
            // what runs together is not the same
            Key(Body, tenancy: new("acmes", "hop")),
            Key(Body, Target with { Model = "fake-2" }),
            Key(Body, Target with { Provider = "fake2" }),
            Key(Body, Target with { BaseAddress = new("http://127.0.0.1:2/v1") }),
        };
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Key_OfATenantWideProfile_IsOneForItsProjects_AndNoOtherTenants()
    {
        var wide = CacheProfile.Default with { IsTenantWide = true };
        var shop = Key(Body, rules: wide);
        Assert.Equal(shop, Key(Body, rules: wide, tenancy: new("acme", "blog")));
        Assert.NotEqual(shop, Key(Body, rules: wide, tenancy: new("other", "shop")));
        Assert.NotEqual(shop, Key(Body));
        Assert.Equal(new("acme", "tenant"), Cacheable(rules: wide).Tenancy);
    }

    [Fact]
    public void Key_OfTheProtocolAndTheKind_IsItsOwn()
    {
        var call = Call(Body, WireProtocol.Anthropic);
        Assert.Equal(CacheVerdict.Cacheable, Judge(call, out var other));
        Assert.True(other!.TryKey(Target, out var key));
        Assert.NotEqual(Key(Body), key);
        // a number has no temperature
        Assert.Equal(CacheVerdict.Cacheable, Judge(Call("""{"model":"m","input":"hi"}""",
            kind: AnswerKind.Embeddings), out var numbers, sent: new(null, null)));
        Assert.True(numbers!.TryKey(Target, out _));
    }

    [Theory]
    [InlineData(""" "tools":[] """, CacheVerdict.Tools)]
    [InlineData(""" "n":2 """, CacheVerdict.Choices)]
    [InlineData(""" "store":true """, CacheVerdict.Acts)]
    [InlineData(""" "web_search_options":{} """, CacheVerdict.Acts)]
    [InlineData(""" "functions":[] """, CacheVerdict.Acts)]
    [InlineData(""" "plugins":[{"id":"web"}] """, CacheVerdict.Acts)]
    [InlineData(""" "mcp_servers":[] """, CacheVerdict.Acts)]
    [InlineData(""" "modalities":["text","audio"] """, CacheVerdict.Acts)]
    [InlineData(""" "stop":"\ud800" """, CacheVerdict.Acts)]
    [InlineData(""" "temperature":0.1 """, CacheVerdict.Cacheable)]
    [InlineData(""" "temperature":0.11 """, CacheVerdict.Temperature)]
    [InlineData(""" "stop":"x" """, CacheVerdict.Cacheable)]
    public void Judge_SaysWhy(string member, CacheVerdict expected)
    {
        var body = $$"""{"model":"m","messages":[{"role":"user","content":"hi"}],{{member}}}""";
        Assert.Equal(expected, Judge(Call(body), out var call));
        Assert.Equal(expected == CacheVerdict.Cacheable, call is not null);
    }

    [Fact]
    public void Judge_ByTheProfileAndTheCaller()
    {
        var silent = Call("""{"model":"m","messages":[]}""");
        Assert.Equal(CacheVerdict.Off, Judge(silent, out _,
            CacheProfile.Default with { Lifetime = TimeSpan.Zero }));
        Assert.Equal(CacheVerdict.Unwanted, Judge(silent with { Cache = CacheWish.Nothing }, out _));
        Assert.Equal(CacheVerdict.Kind, Judge(silent with { Outline = null }, out _));
        // what the provider chooses may be anything
        Assert.Equal(CacheVerdict.Temperature, Judge(silent, out _, sent: new(null, null)));
        Assert.Equal(CacheVerdict.Cacheable, Judge(silent, out _,
            CacheProfile.Default with { TemperatureMax = 2 }, sent: new(null, null)));
        Assert.Equal(CacheVerdict.Temperature, Judge(silent, out _,
            CacheProfile.Default with { TemperatureMax = 0 }));
    }

    [Fact]
    public void Key_OfAModelThatTakesNoTemperature_IsThereOnlyWhereAnyWillDo()
    {
        var target = Target with { Wishes = new CallWishes { Without = ["temperature"] } };
        Assert.False(Cacheable().TryKey(target, out _));
        Assert.True(Cacheable(rules: CacheProfile.Default with { TemperatureMax = 2 })
            .TryKey(target, out _));
    }

    [Fact]
    public void Judge_ABodyAtTheLimit_AndOnePast()
    {
        const string Frame = """{"model":"m","prompt":""}""";
        var at = Frame.Replace("\"\"", $"\"{new string('x', CacheableCall.BodyBytesMax - Frame.Length)}\"");
        Assert.Equal(CacheVerdict.Cacheable, Judge(Call(at), out var call));
        Assert.True(call!.TryKey(Target, out var key));
        // what is longer than the hash's buffer is hashed to its end
        Assert.NotEqual(key, Key(at[..^3] + "y\"}"));
        Assert.Equal(CacheVerdict.TooLong, Judge(Call(at + " "), out _));
    }

    [Theory]
    [InlineData(null, true, true, false)]
    [InlineData("max-age=60, no-transform", true, true, false)]
    [InlineData("no-cache", false, true, false)]
    [InlineData("max-age=0", false, true, false)]
    [InlineData("No-Store", false, false, false)]
    [InlineData("max-stale, only-if-cached", true, true, true)]
    public void CacheControl_IsRead(string? header, bool use, bool keep, bool must) =>
        Assert.Equal(new CacheWish(use, keep, must), CacheWish.Parse(header));
}
