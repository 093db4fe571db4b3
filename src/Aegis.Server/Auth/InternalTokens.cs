using System.Security.Cryptography;
using Aegis.Core;

namespace Aegis.Server.Auth;

/// <summary>Short-lived tokens by which the engine calls its own server's forge. The key lives in this
/// process only, so a token dies with it; nothing is stored.</summary>
public sealed class InternalTokens(TimeProvider time) : IDisposable
{
    public const string Prefix = "aegisint_";

    /// <summary>Longer than any call may take.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly SignedText signed = new(RandomNumberGenerator.GetBytes(32));

    public string Mint(Tenancy tenancy)
    {
        var expires = (time.GetUtcNow() + Life).ToUnixTimeSeconds();
        return Prefix + signed.Seal($"{tenancy.Tenant}\n{tenancy.Project}\n{expires}");
    }

    /// <summary>The tenancy that a token was minted for, or null where it is not ours or has
    /// expired.</summary>
    public Tenancy? Verify(string token)
    {
        if (!token.StartsWith(Prefix, StringComparison.Ordinal)
            || signed.Open(token[Prefix.Length..]) is not { } claims)
        {
            return null;
        }
        var fields = claims.Split('\n');
        return long.Parse(fields[2]) > time.GetUtcNow().ToUnixTimeSeconds()
            ? new Tenancy(fields[0], fields[1])
            : null;
    }

    public void Dispose() => signed.Dispose();
}
