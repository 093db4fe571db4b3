using System.Text;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Models;
using Aegis.Models.Caching;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Tests.Caching;

/// <summary>Calls and answers for the tests of caches.</summary>
internal static class CacheCalls
{
    public const string Body =
        """{"model":"m","temperature":0,"messages":[{"role":"user","content":"hi there"}],"top_p":1}""";

    public static readonly Tenancy Shop = new("acme", "shop");
    public static readonly SentDefaults Sent = new(0.1, 4_000);

    public static UpstreamTarget Target { get; } =
        new("fake", new("http://127.0.0.1:1/v1"), WireProtocol.OpenAi, UpstreamAuth.None, "fake-1");

    public static ModelCall Call(string body, WireProtocol protocol = WireProtocol.OpenAi,
        AnswerKind kind = AnswerKind.Chat)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return new(protocol, kind, bytes, "auto") { Outline = CallOutline.Read(bytes) };
    }

    public static CacheVerdict Judge(ModelCall call, out CacheableCall? cacheable,
        CacheProfile? rules = null, Tenancy? tenancy = null, SentDefaults? sent = null) =>
        CacheableCall.Judge(call, rules ?? CacheProfile.Default, tenancy ?? Shop, sent ?? Sent,
            out cacheable);

    public static CacheableCall Cacheable(string body = Body, CacheProfile? rules = null,
        Tenancy? tenancy = null)
    {
        Assert.Equal(CacheVerdict.Cacheable, Judge(Call(body), out var call, rules, tenancy));
        return call!;
    }

    public static AnswerKey Key(string body, UpstreamTarget? target = null, CacheProfile? rules = null,
        Tenancy? tenancy = null)
    {
        Assert.True(Cacheable(body, rules, tenancy).TryKey(target ?? Target, out var key));
        return key;
    }

    public static AnswerKey Key(int number) => new((ulong)number, 0, 0, 0);

    public static CachedAnswer Answer(int bytes) =>
        new(new byte[bytes], ModelProtocol.OpenAi, new ModelTokens(10, 5));
}
