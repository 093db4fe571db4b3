using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Caching;
using Aegis.Models.Protocols;

namespace Aegis.Models.Upstreams;

/// <param name="IsKept">The provider holds the prefix, and the call names it.</param>
/// <param name="WrittenTokens">Stored for this call; they are paid for.</param>
public readonly record struct CachedCall(ChatCall Call, bool IsKept, long WrittenTokens = 0);

/// <summary>Gemini's cached contents: the part of a prompt that comes again is stored with the provider once,
/// and calls name it until it expires. A call that names one brings no system prompt and no tools of its
/// own. Without an answer from the provider's store a call goes out as it is.</summary>
public sealed class CachedContents(IUpstream upstream, TimeProvider time,
    int keptMax = CachedContents.KeptMax)
{
    /// <summary>Prefixes that are remembered.</summary>
    public const int KeptMax = 4_096;

    // one may expire on its way
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FailureLife = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Lazy<Task<Kept>>> _kept = new();

    // prefixes that came once, and until when a second time makes them worth a store
    private readonly ConcurrentDictionary<string, DateTimeOffset> _seen = new();

    /// <param name="ttl">How long the provider is asked to keep it.</param>
    /// <param name="prefixBytesLeast">Shorter prefixes are not worth a store, and the provider refuses
    /// them.</param>
    /// <param name="evenOnce">Whether a prefix is stored when it comes for the first time: storing costs, and
    /// most come once.</param>
    public async ValueTask<CachedCall> UseAsync(UpstreamTarget target, ChatCall call, TimeSpan ttl,
        int prefixBytesLeast, CancellationToken cancel, bool evenOnce = true)
    {
        if (target is not { Caching: PromptCaching.CachedContents, CachedContents: not null }
            || call.Rest.Any(member => member.Name == "extra_body"))
        {
            return new(call, false);
        }
        var split = CachedPrefix.Of(call, target.Model, ttl);
        if (split.Body.Length < prefixBytesLeast)
        {
            return new(call, false);
        }
        var key = Key(target, split.Body);
        if (!evenOnce && !_kept.ContainsKey(key) && !CameBefore(key, ttl))
        {
            return new(call, false);
        }
        var isMine = false;
        var entry = _kept.GetOrAdd(key, _ => new(() =>
        {
            isMine = true;
            return StoreAsync(target, split.Body, ttl);
        }));
        var kept = await entry.Value.WaitAsync(cancel);
        if (kept.Until <= time.GetUtcNow())
        {
            _kept.TryRemove(new(key, entry));
            return isMine ? new(call, false) : await UseAsync(target, call, ttl, prefixBytesLeast, cancel,
                evenOnce);
        }
        DropOldest(_kept.Count - keptMax);
        return kept.Name is null ? new(call, false)
            : new(split.Naming(kept.Name), true, kept.TakeTokens());
    }

    /// <summary>The provider did not know a name that it had given.</summary>
    public void Forget(string body)
    {
        foreach (var (key, entry) in _kept)
        {
            if (entry is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }
                && entry.Value.Result.Name is { } name && body.Contains(name, StringComparison.Ordinal))
            {
                _kept.TryRemove(new(key, entry));
            }
        }
    }

    private bool CameBefore(string key, TimeSpan ttl)
    {
        var now = time.GetUtcNow();
        if (_seen.TryGetValue(key, out var until) && now < until)
        {
            return true;
        }
        _seen.Keep(key, now + ttl, keptMax);
        return false;
    }

    private void DropOldest(int tooMany)
    {
        if (tooMany <= 0)
        {
            return;
        }
        foreach (var old in _kept
            .Where(pair => pair.Value is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            .OrderBy(pair => pair.Value.Value.Result.Until).Take(tooMany))
        {
            _kept.TryRemove(old);
        }
    }

    // whoever waits may go away; what is stored serves the next one
    private async Task<Kept> StoreAsync(UpstreamTarget target, byte[] body, TimeSpan ttl)
    {
        var asked = time.GetUtcNow();
        using var answer = await upstream.SendAsync(target, UpstreamPath.CachedContents, body,
            CancellationToken.None);
        var whole = await answer.ReadAsync(CancellationToken.None);
        return whole.Bytes is { } bytes && CachedPrefix.TryReadName(bytes.Span, out var name, out var tokens)
            ? new(name, tokens, asked + ttl - Margin)
            : new(null, 0, asked + FailureLife);
    }

    // one key's contents are not to be named by another's call
    private static string Key(UpstreamTarget target, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string?[] owner = [target.Provider, target.CachedContents?.AbsoluteUri, target.Auth.Secret];
        foreach (var part in owner)
        {
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(part ?? "")));
        }
        hash.AppendData(body);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private sealed class Kept(string? name, long tokens, DateTimeOffset until)
    {
        private long _tokens = tokens;

        public string? Name => name;

        public DateTimeOffset Until => until;

        /// <summary>What was stored is counted for the first call that names it: the one that asked for it
        /// may have gone away.</summary>
        public long TakeTokens() => Interlocked.Exchange(ref _tokens, 0);
    }
}
