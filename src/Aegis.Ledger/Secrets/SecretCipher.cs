using System.Security.Cryptography;
using System.Text;

namespace Aegis.Ledger.Secrets;

/// <summary>Seals values with AES-256-GCM under a key derived from the master key and the ledger's salt. The
/// place of a value (tenant, project, name, version) is authenticated with it, so a row that somebody
/// moved to another project or name does not open.</summary>
internal sealed class SecretCipher
{
    private const byte Format = 1;
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int FingerprintDigits = 8;

    /// <summary>Bytes that a sealed value is longer than the value.</summary>
    public const int Overhead = 1 + NonceBytes + TagBytes;

    private readonly byte[] sealKey;
    private readonly byte[] printKey;
    private readonly byte[] linkKey;

    public SecretCipher(byte[] masterKey, byte[] salt)
    {
        sealKey = Derive(masterKey, salt, "aegis-seal-1"u8);
        printKey = Derive(masterKey, salt, "aegis-print-1"u8);
        linkKey = Derive(masterKey, salt, "aegis-link-1"u8);
    }

    public byte[] Seal(ReadOnlySpan<byte> value, string place)
    {
        var output = new byte[Overhead + value.Length];
        output[0] = Format;
        var nonce = output.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(sealKey, TagBytes);
        aes.Encrypt(nonce, value, output.AsSpan(Overhead), output.AsSpan(1 + NonceBytes, TagBytes),
            Encoding.UTF8.GetBytes(place));
        return output;
    }

    /// <summary>Null where the bytes are not what was sealed here for this place.</summary>
    public byte[]? Open(ReadOnlySpan<byte> sealedBytes, string place)
    {
        if (sealedBytes.Length < Overhead || sealedBytes[0] != Format)
        {
            return null;
        }
        var value = new byte[sealedBytes.Length - Overhead];
        using var aes = new AesGcm(sealKey, TagBytes);
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

    /// <summary>Tells whether a value is still the one somebody has in mind. Keyed: who reads the database
    /// cannot try guesses against it.</summary>
    public string Fingerprint(ReadOnlySpan<byte> value) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(printKey, value))[..FingerprintDigits];

    /// <summary>A copy of the key of download links: they outlive the process that made them.</summary>
    public byte[] LinkKey() => [.. linkKey];

    private static byte[] Derive(byte[] masterKey, byte[] salt, ReadOnlySpan<byte> purpose)
    {
        var key = new byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, key, salt, purpose);
        return key;
    }
}
