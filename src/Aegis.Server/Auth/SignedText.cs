using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Server.Auth;

/// <summary>Texts that only a holder of the key can have written: the text and its HMAC, base64url, a dot
/// between. The text can be read by everybody.</summary>
internal sealed class SignedText(byte[] key) : IDisposable
{
    public string Seal(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var mac = HMACSHA256.HashData(key, bytes);
        return $"{Base64Url.EncodeToString(bytes)}.{Base64Url.EncodeToString(mac)}";
    }

    /// <summary>Null where it is not to the character what <see cref="Seal"/> wrote. The comparison takes the
    /// same time wherever they differ.</summary>
    public string? Open(string sealedText)
    {
        var dot = sealedText.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !Base64Url.IsValid(sealedText.AsSpan(0, dot)))
        {
            return null;
        }
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(sealedText.AsSpan(0, dot)));
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(sealedText), Encoding.ASCII.GetBytes(Seal(text)))
            ? text
            : null;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(key);
}
