using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Server.Devices;

/// <summary>The six digits of a pairing. They follow from its id and a key of the installation, so they
/// survive a restart and are stored nowhere.</summary>
public sealed class PairingCodes(Func<byte[]> key)
{
    public const int Digits = 6;

    public string Of(string pairingId)
    {
        var hash = HMACSHA256.HashData(key(), Encoding.UTF8.GetBytes("pairing\n" + pairingId));
        // of 64 bits, so that no code is more likely than another
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) % 1_000_000)
            .ToString("000000", CultureInfo.InvariantCulture);
    }

    /// <summary>Takes the same time wherever they differ.</summary>
    public bool IsRight(string pairingId, string code) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(Of(pairingId)), Encoding.UTF8.GetBytes(code));
}
