using System.Security.Cryptography;

namespace Aegis.Ledger.Secrets;

/// <summary>What the master key does: wraps the tenants' data keys, and finds out by the ledger's probe
/// whether it is the right one. Values are not sealed with it (those of the first format were, and are
/// opened once more to be sealed anew).</summary>
internal sealed class MasterCipher
{
    private const byte FirstFormat = 1;
    private const byte WrapFormat = 3;
    private const string ProbePlace = "probe";

    private readonly byte[] firstKey;
    private readonly byte[] wrapKey;
    private readonly byte[] linkKey;

    /// <param name="generation">How many master keys this ledger had, this one included.</param>
    public MasterCipher(byte[] masterKey, byte[] salt, int generation)
    {
        Generation = generation;
        firstKey = Derive(masterKey, salt, "aegis-seal-1"u8);
        wrapKey = Derive(masterKey, salt, "aegis-wrap-1"u8);
        linkKey = Derive(masterKey, salt, "aegis-link-1"u8);
    }

    public int Generation { get; }

    public byte[] Probe() => SealedBox.Seal(firstKey, FirstFormat, "aegis"u8, ProbePlace);

    public bool Opens(byte[] probe) => SealedBox.Open(firstKey, FirstFormat, probe, ProbePlace) is not null;

    public byte[] Wrap(DataKey key, string tenant) =>
        SealedBox.Seal(wrapKey, WrapFormat, key.Bytes, PlaceOf(tenant, key.Version));

    /// <summary>Null where another master key wrapped it, or for another tenant or version.</summary>
    public DataKey? Unwrap(ReadOnlySpan<byte> wrapped, string tenant, int version) =>
        SealedBox.Open(wrapKey, WrapFormat, wrapped, PlaceOf(tenant, version)) is { } bytes
            ? new DataKey(version, bytes) : null;

    /// <summary>A value of the first format.</summary>
    public byte[]? OpenFirst(ReadOnlySpan<byte> sealedBytes, string place) =>
        SealedBox.Open(firstKey, FirstFormat, sealedBytes, place);

    /// <summary>A copy of the key of download links: they outlive the process that made them, and end with
    /// the master key.</summary>
    public byte[] LinkKey() => [.. linkKey];

    private static string PlaceOf(string tenant, int version) => $"data key\n{tenant}\n{version}";

    private static byte[] Derive(byte[] masterKey, byte[] salt, ReadOnlySpan<byte> purpose)
    {
        var key = new byte[SealedBox.KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, key, salt, purpose);
        return key;
    }
}
