using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Ledger.Tenants;

/// <summary>The text of a key: a prefix that scanners know and 256 random bits. Its plain SHA-256 is enough
/// to keep: there is nothing to guess, so nothing to slow down.</summary>
public static class ApiKey
{
    public const string Prefix = "aegis_key_";
    private const int SecretBytes = 32;

    public static string Generate() =>
        Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
