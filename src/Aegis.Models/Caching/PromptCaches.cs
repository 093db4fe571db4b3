using System.Text;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Models;
using Aegis.Models.Protocols;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Caching;

/// <summary>What providers keep of prompts, for each try: a body goes in as it would be sent, and comes out
/// with marks, or naming what was stored, or as it was. Nothing here makes a call fail.</summary>
public sealed class PromptCaches(IUpstream upstream, TimeProvider time)
{
    /// <summary>Prefixes of fewer bytes are not marked: of four bytes a token, no provider keeps
    /// less than that.</summary>
    public const int MarkedBytesLeast = 4 * 1_024;

    /// <summary>Prefixes of fewer bytes are not stored.</summary>
    public const int StoredBytesLeast = 4 * 4_096;

    /// <summary>How long a provider is asked to hold what is stored.</summary>
    public static readonly TimeSpan StoredFor = TimeSpan.FromMinutes(10);

    private readonly CachedContents _contents = new(upstream, time);

    /// <summary>What a store could cost beside the call itself, to be reserved with its worst case.</summary>
    public static decimal WorstExtraUsd(UpstreamTarget target, long promptTokensBound, ModelPrice? price) =>
        target.Caching == PromptCaching.CachedContents
            ? StorePrice(price, promptTokensBound)?.CostUsd ?? 0 : 0;

    /// <param name="body">In the target's protocol.</param>
    /// <param name="hasMarks">Whether the client marked something: <c>CallOutline.HasCacheMarks</c>.</param>
    /// <param name="mustKnowPrice">Whether dollars are bounded: then nothing is stored whose price nobody
    /// states.</param>
    public async ValueTask<PreparedPrompt> PrepareAsync(UpstreamTarget target, ReadOnlyMemory<byte> body,
        bool hasMarks, ModelPrice? price, bool mustKnowPrice, CancellationToken cancel)
    {
        switch (target.Caching)
        {
            case PromptCaching.Automatic:
                return new(body, body, PromptUse.Automatic);
            case PromptCaching.Marks when hasMarks:
                return new(body, body, PromptUse.Marked);
            case PromptCaching.Marks when body.Length >= MarkedBytesLeast:
                return Marked(target, body) is { } marked ? new(marked, body, PromptUse.Marked)
                    : new(body, body, PromptUse.None);
            case PromptCaching.CachedContents when body.Length >= StoredBytesLeast
                && (!mustKnowPrice || IsPriced(price)):
                return await NamedAsync(target, body, hasMarks, price, cancel);
            default:
                return new(body, body, PromptUse.None);
        }
    }

    /// <summary>The provider did not know the name that the body holds.</summary>
    public void Forget(in PreparedPrompt prepared) =>
        _contents.Forget(Encoding.UTF8.GetString(prepared.Body.Span));

    private static byte[]? Marked(UpstreamTarget target, ReadOnlyMemory<byte> body)
    {
        if (target.Protocol == WireProtocol.Anthropic)
        {
            return AnthropicMarks.Put(body.Span, MarkedBytesLeast);
        }
        return Call(target, body) is not { } call ? null : ChatTranslation.WriteCall(
            PromptMarks.Put(call, target.Caching), target.Protocol, target.Wishes);
    }

    private async ValueTask<PreparedPrompt> NamedAsync(UpstreamTarget target, ReadOnlyMemory<byte> body,
        bool hasMarks, ModelPrice? price, CancellationToken cancel)
    {
        if (Call(target, body) is not { } call)
        {
            return new(body, body, PromptUse.None);
        }
        var used = await _contents.UseAsync(target, call, StoredFor, StoredBytesLeast, cancel,
            evenOnce: hasMarks);
        if (!used.IsKept)
        {
            return new(body, body, PromptUse.None);
        }
        var extra = StorePrice(price, used.WrittenTokens) ?? default;
        return new(ChatTranslation.WriteCall(used.Call, target.Protocol, target.Wishes), body,
            PromptUse.Named, extra, used.WrittenTokens);
    }

    // a call that the neutral form does not hold goes as it is
    private static ChatCall? Call(UpstreamTarget target, ReadOnlyMemory<byte> body)
    {
        try
        {
            return ChatTranslation.ReadCall(body.Span, target.Protocol);
        }
        catch (AegisException)
        {
            return null;
        }
    }

    private static bool IsPriced(ModelPrice? price) => price is { Tokens: not null, CacheHourUsd: not null };

    // without caches it would not have been paid at all
    private static CallPrice? StorePrice(ModelPrice? price, long tokens) =>
        CallPrice.Of(price, new ModelTokens(tokens, 0, CacheWrite: tokens)) is { } written
            && written.CostUsd + (CallPrice.Kept(price, tokens, StoredFor) ?? 0) is var cost
            ? new CallPrice(cost, -cost) : null;
}
