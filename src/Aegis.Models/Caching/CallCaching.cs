using System.IO.Pipelines;
using Aegis.Core.Caching;
using Aegis.Core.Catalogue;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Caching;

/// <summary>One call's way through the cache of answers: looked up for the model that was chosen, kept for
/// the model that answered.</summary>
internal sealed class CallCaching
{
    private readonly AnswerCache? _cache;
    private readonly CacheableCall? _cacheable;
    private (ModelRoute Route, AnswerKey Key)? _last;

    private readonly CacheWish _wish;

    private CallCaching(AnswerCache? cache, CacheableCall? cacheable, CacheWish wish, CacheVerdict verdict) =>
        (_cache, _cacheable, _wish, Verdict) = (cache, cacheable, wish, verdict);

    /// <summary>Nothing is looked up and nothing kept.</summary>
    public static CallCaching None { get; } = new(null, null, CacheWish.Any, CacheVerdict.Off);

    /// <summary>Whether the answer is one to keep, or why not.</summary>
    public CacheVerdict Verdict { get; }

    /// <param name="sent">What is sent where the body does not say it.</param>
    public static CallCaching Of(AnswerCache? cache, ModelCall call, ModelCaller by, SentDefaults sent)
    {
        if (cache is null)
        {
            return None;
        }
        var verdict = CacheableCall.Judge(call, by.Profile.Cache, by.Tenancy, sent, out var cacheable);
        if (verdict != CacheVerdict.Cacheable)
        {
            cache.Bypass();
        }
        return new(cache, cacheable, call.Cache, verdict);
    }

    public async ValueTask<CachedAnswer?> FindAsync(ModelRoute route, CancellationToken cancel) =>
        _cacheable is not null && _wish.MayUse && TryKey(route, out var key)
            ? await _cache!.FindAsync(_cacheable, key, cancel) : null;

    /// <summary>Keeps an answer in one piece, as its provider sent it.</summary>
    /// <param name="key">The provider's, which no answer that is kept may hold.</param>
    public void Keep(ModelCall call, ModelRoute route, ReadOnlyMemory<byte> bytes, string? key)
    {
        if (_cacheable is null || (key is { Length: > 0 }
            && bytes.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes(key)) >= 0))
        {
            return;
        }
        if (AnswerOutline.TryRead(bytes.Span, route.Protocol, call.Kind, out var outline, out _))
        {
            Keep(route, CachedAnswers.Of(bytes, route.Protocol, outline));
        }
    }

    /// <summary>Keeps an answer that one provider streamed to its end.</summary>
    public void Keep(ModelCall call, ModelRoute route, GivenOut given, StreamHead head, TokenUsage? usage)
    {
        if (_cacheable is not null)
        {
            Keep(route, CachedAnswers.OfStream(given, head, usage, call.Protocol));
        }
    }

    /// <summary>Gives a kept answer: as a stream where <paramref name="begin"/> is not null.</summary>
    /// <returns>The body; empty where it was streamed; null where it cannot be read.</returns>
    public static async ValueTask<ReadOnlyMemory<byte>?> GiveAsync(CachedAnswer kept, ModelCall call,
        ModelRoute route, long created, Func<PipeWriter>? begin, CancellationToken cancel)
    {
        if (!call.Stream || begin is null)
        {
            var body = CachedAnswers.For(kept, call.Protocol, created);
            return body.IsEmpty ? null : body;
        }
        if (!CachedAnswers.TryRead(kept, out var answer))
        {
            return null;
        }
        var to = begin();
        AnswerStream.Write(answer, call.Protocol, new StreamHead(CallIds.New(call.Protocol), route.Model,
            created, call.Outline!.StreamUsage), to);
        await to.FlushAsync(cancel);
        return ReadOnlyMemory<byte>.Empty;
    }

    /// <summary>What an answer that is given again would have cost.</summary>
    public static decimal SavedUsd(CachedAnswer kept, ModelPrice? price) =>
        CallPrice.Of(price, kept.Tokens)?.GivenAgain().SavedUsd ?? 0;

    private void Keep(ModelRoute route, CachedAnswer? answer)
    {
        if (answer is not null && _wish.MayKeep && TryKey(route, out var key))
        {
            _cache!.Keep(_cacheable!, key, answer);
        }
    }

    // looked up and kept is nearly always for the same model
    private bool TryKey(ModelRoute route, out AnswerKey key)
    {
        if (_last is { } last && ReferenceEquals(last.Route, route))
        {
            key = last.Key;
            return true;
        }
        var has = _cacheable!.TryKey(route.Target(null), out key);
        _last = has ? (route, key) : _last;
        return has;
    }
}
