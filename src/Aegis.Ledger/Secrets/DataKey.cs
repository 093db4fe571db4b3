using System.Security.Cryptography;

namespace Aegis.Ledger.Secrets;

/// <summary>A tenant's key, open: one half seals, the other makes fingerprints. A rotation makes a new first
/// half and keeps the second, so that fingerprints in old facts still tell equal values.</summary>
internal sealed class DataKey
{
    public const int Length = 2 * SealedBox.KeyBytes;
    private const byte Format = 2;
    private const int FingerprintDigits = 16;

    private readonly byte[] sealKey;
    private readonly byte[] printKey;

    public DataKey(int version, byte[] bytes)
    {
        (Version, Bytes) = (version, bytes);
        (sealKey, printKey) = (bytes[..SealedBox.KeyBytes], bytes[SealedBox.KeyBytes..]);
    }

    public int Version { get; }

    public byte[] Bytes { get; }

    public static DataKey Make() => new(1, RandomNumberGenerator.GetBytes(Length));

    public DataKey Next() =>
        new(Version + 1, [.. RandomNumberGenerator.GetBytes(SealedBox.KeyBytes), .. printKey]);

    public byte[] Seal(ReadOnlySpan<byte> value, string place) =>
        SealedBox.Seal(sealKey, Format, value, $"{place}\n{Version}");

    /// <summary>Null where the bytes are not what this key sealed for this place.</summary>
    public byte[]? Open(ReadOnlySpan<byte> sealedBytes, string place) =>
        SealedBox.Open(sealKey, Format, sealedBytes, $"{place}\n{Version}");

    /// <summary>Tells whether a value is still the one somebody has in mind. Keyed by tenant: who reads the
    /// database cannot try guesses against it, and equal values of two tenants do not show as
    /// equal.</summary>
    public string Fingerprint(ReadOnlySpan<byte> value) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(printKey, value))[..FingerprintDigits];
}
