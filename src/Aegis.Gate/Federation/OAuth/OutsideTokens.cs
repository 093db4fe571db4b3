using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Core.Caching;

namespace Aegis.Gate.Federation.OAuth;

/// <summary>Whose token it is, and for what. The client's id and secret stand in it as a hash: a token got
/// with a secret that the project has changed or lost is found no more.</summary>
internal sealed record TokenKey(Tenancy Tenancy, Uri Server, Uri Issuer, string? Scope, string Client);

/// <summary>Tokens of outside MCP servers, in memory alone, until they expire.</summary>
public sealed class OutsideTokens(TimeProvider time)
{
    /// <summary>Tokens kept; past it all are got anew.</summary>
    public const int KeptMax = 1_000;

    /// <summary>What a token may live here at most, whatever its issuer says.</summary>
    public static readonly TimeSpan LifeMax = TimeSpan.FromHours(24);

    /// <summary>A token that is nearer to its end than this is got anew, so that it does not end on its
    /// way.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<TokenKey, (string Token, long At, TimeSpan Life)> kept = new();

    internal string? Find(TokenKey key) =>
        kept.TryGetValue(key, out var found) && time.GetElapsedTime(found.At) < found.Life
            ? found.Token : null;

    internal void Keep(TokenKey key, string token, TimeSpan life) => kept.Keep(
        key, (token, time.GetTimestamp(), (life < LifeMax ? life : LifeMax) - Slack), KeptMax);
}
