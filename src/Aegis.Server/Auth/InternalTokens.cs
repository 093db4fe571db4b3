using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core;

namespace Aegis.Server.Auth;

/// <summary>Short-lived tokens by which the engine calls its own server's forge. The key lives in this
/// process only, so a token dies with it; nothing is stored.</summary>
public sealed class InternalTokens(TimeProvider time) : IDisposable
{
    public const string Prefix = "aegisint_";

    /// <summary>Longer than any call may take.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    public string Mint(Tenancy tenancy)
    {
        var expires = (time.GetUtcNow() + Life).ToUnixTimeSeconds();
        var claims = Encoding.UTF8.GetBytes($"{tenancy.Tenant}\n{tenancy.Project}\n{expires}");
        var mac = HMACSHA256.HashData(key, claims);
        return $"{Prefix}{Base64Url.EncodeToString(claims)}.{Base64Url.EncodeToString(mac)}";
    }

    /// <summary>The tenancy that a token was minted for, or null where it is not ours or has
    /// expired.</summary>
    public Tenancy? Verify(string token)
    {
        var parts = token.StartsWith(Prefix, StringComparison.Ordinal) ? token[Prefix.Length..].Split('.')
            : [];
        if (parts.Length != 2 || !TryDecode(parts[0], out var claims) || !TryDecode(parts[1], out var mac)
            || !CryptographicOperations.FixedTimeEquals(mac, HMACSHA256.HashData(key, claims)))
        {
            return null;
        }
        var fields = Encoding.UTF8.GetString(claims).Split('\n');
        return long.Parse(fields[2]) > time.GetUtcNow().ToUnixTimeSeconds()
            ? new Tenancy(fields[0], fields[1])
            : null;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(key);

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(text))
        {
            return false;
        }
        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }
}
