using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Engine.Webhooks;

/// <summary>The signature of Standard Webhooks: HMAC-SHA256 over <c>id.timestamp.body</c>, in base64, behind
/// <c>v1,</c>. A secret that begins with <c>whsec_</c> is the base64 of its key; any other is the key
/// itself.</summary>
public static class WebhookSignature
{
    private const string Prefix = "whsec_";

    public static string Sign(string secret, string id, DateTimeOffset at, string body)
    {
        var signed = string.Create(
            CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.{body}");
        return "v1," + Convert.ToBase64String(
            HMACSHA256.HashData(Key(secret), Encoding.UTF8.GetBytes(signed)));
    }

    private static byte[] Key(string secret) =>
        secret.StartsWith(Prefix, StringComparison.Ordinal) && Base64.IsValid(secret.AsSpan(Prefix.Length))
            ? Convert.FromBase64String(secret[Prefix.Length..])
            : Encoding.UTF8.GetBytes(secret);
}
