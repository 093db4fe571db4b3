using System.Security.Cryptography;
using System.Text;

namespace Aegis.Ledger.Secrets;

/// <summary>AES-256-GCM with a random nonce: format byte, nonce, tag, ciphertext. The place of a value is
/// authenticated with it, so bytes that somebody moved elsewhere do not open.</summary>
internal static class SealedBox
{
    public const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Bytes that a sealed value is longer than the value.</summary>
    public const int Overhead = 1 + NonceBytes + TagBytes;

    public static byte[] Seal(byte[] key, byte format, ReadOnlySpan<byte> value, string place)
    {
        var output = new byte[Overhead + value.Length];
        output[0] = format;
        var nonce = output.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, value, output.AsSpan(Overhead), output.AsSpan(1 + NonceBytes, TagBytes),
            Encoding.UTF8.GetBytes(place));
        return output;
    }

    /// <summary>Null where the bytes are not what was sealed with this key for this place.</summary>
    public static byte[]? Open(byte[] key, byte format, ReadOnlySpan<byte> sealedBytes, string place)
    {
        if (sealedBytes.Length < Overhead || sealedBytes[0] != format)
        {
            return null;
        }
        var value = new byte[sealedBytes.Length - Overhead];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(sealedBytes.Slice(1, NonceBytes), sealedBytes[Overhead..],
                sealedBytes.Slice(1 + NonceBytes, TagBytes), value, Encoding.UTF8.GetBytes(place));
            return value;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
