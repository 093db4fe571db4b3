using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Profiles;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Caching;

/// <summary>What is sent where a call's body does not say it.</summary>
/// <param name="Temperature">Null where the provider chooses.</param>
public readonly record struct SentDefaults(double? Temperature, int? MaxTokens);

/// <summary>A call whose answer may be kept and given again. The body is hashed once; each model that may
/// answer has a key of its own.</summary>
public sealed class CacheableCall
{
    /// <summary>Longer bodies are not hashed: they hold images, which seldom come twice.</summary>
    public const int BodyBytesMax = 256 * 1024;

    /// <summary>The project whose answers are all the tenant's.</summary>
    public const string TenantProject = "tenant";

    // what the provider chooses may be anything up to it
    private const double HighestTemperature = 2;

    private readonly byte[] _digest;
    private readonly WireProtocol _protocol;
    private readonly AnswerKind _kind;
    private readonly double? _temperature;
    private readonly double _temperatureMost;
    private readonly int? _maxTokens;

    private CacheableCall(ModelCall call, CacheProfile rules, Tenancy tenancy, SentDefaults sent,
        byte[] digest)
    {
        var outline = call.Outline!;
        (_digest, _protocol, _kind) = (digest, call.Protocol, call.Kind);
        (_temperature, _temperatureMost) = (outline.Temperature ?? sent.Temperature, rules.TemperatureMax);
        _maxTokens = outline.MaxTokens ?? sent.MaxTokens;
        Lifetime = rules.Lifetime;
        Tenancy = rules.IsTenantWide ? tenancy with { Project = TenantProject } : tenancy;
    }

    /// <summary>Where its answer is kept.</summary>
    public Tenancy Tenancy { get; }

    public TimeSpan Lifetime { get; }

    /// <summary>Judges a call before anything is chosen. What depends on the model is judged by <see
    /// cref="TryKey"/>.</summary>
    public static CacheVerdict Judge(ModelCall call, CacheProfile rules, Tenancy tenancy, SentDefaults sent,
        out CacheableCall? cacheable)
    {
        cacheable = null;
        var verdict = Judge(call, rules);
        if (verdict != CacheVerdict.Cacheable)
        {
            return verdict;
        }
        var digest = new byte[AnswerKey.Bytes];
        if (!BodyDigest.TryOf(call.Body.Span, call.Outline!, digest))
        {
            return CacheVerdict.Acts;
        }
        var judged = new CacheableCall(call, rules, tenancy, sent, digest);
        if (!judged.IsSteady(judged._temperature))
        {
            return CacheVerdict.Temperature;
        }
        cacheable = judged;
        return CacheVerdict.Cacheable;
    }

    /// <summary>The key of the answer of one model; false where the model takes no temperature and the
    /// profile asks for a low one.</summary>
    public bool TryKey(UpstreamTarget target, out AnswerKey key)
    {
        var temperature = target.Wishes.Omits("temperature") ? null : _temperature;
        if (!IsSteady(temperature))
        {
            key = default;
            return false;
        }
        var hash = new CanonicalHash();
        hash.Add("answer 1"u8);
        hash.Mark((byte)_kind);
        hash.Mark((byte)_protocol);
        hash.Add(Tenancy.Tenant);
        hash.Add(Tenancy.Project);
        hash.Add(target.Provider);
        hash.Add(target.BaseAddress.AbsoluteUri);
        hash.Add(target.Model);
        hash.Number(BitConverter.DoubleToInt64Bits(temperature ?? -1));
        hash.Number(_maxTokens ?? -1);
        hash.Add(_digest);
        Span<byte> sha256 = stackalloc byte[AnswerKey.Bytes];
        hash.Finish(sha256);
        key = AnswerKey.Of(sha256);
        return true;
    }

    private static CacheVerdict Judge(ModelCall call, CacheProfile rules) =>
        rules.Lifetime <= TimeSpan.Zero ? CacheVerdict.Off
        : call.Cache is { MayUse: false, MayKeep: false } ? CacheVerdict.Unwanted
        : call.Outline is not { } outline || call.Kind == AnswerKind.Transcription ? CacheVerdict.Kind
        : call.Body.Length > BodyBytesMax ? CacheVerdict.TooLong
        : outline.HasTools ? CacheVerdict.Tools
        : outline.Choices != 1 ? CacheVerdict.Choices
        : CacheVerdict.Cacheable;

    // an embedding has no chance in it
    private bool IsSteady(double? temperature) => _kind == AnswerKind.Embeddings
        || (temperature ?? HighestTemperature) <= _temperatureMost;
}
