using System.Numerics;
using System.Security.Cryptography;

namespace Aegis.Sealing;

/// <summary>
/// How the two ends of a sealed connection come to their keys (Noise's NK pattern in small: P-256, HKDF with
/// SHA-256). Each makes a key for this connection alone; the server's lasting key takes part too, so only the
/// server that was paired with can read on, and what was recorded stays sealed when that key gets lost. Who
/// the client is it says inside.
/// </summary>
internal sealed class SealedHandshake : IDisposable
{
    public const int PointBytes = 65;
    public const int NonceBytes = 32;
    private const int CoordinateBytes = 32;
    private const int KeyBytes = 32;
    private readonly ECDiffieHellman own;

    private SealedHandshake(ECDiffieHellman own, byte[] nonce)
    {
        (this.own, Nonce) = (own, nonce);
        Point = PointOf(own);
    }

    /// <summary>This connection's public key.</summary>
    public byte[] Point { get; }

    public byte[] Nonce { get; }

    public static SealedHandshake Begin() => new(
        ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>The lasting key that follows from a secret.</summary>
    public static ECDiffieHellman LastingKey(byte[] secret)
    {
        // 128 bits more than the order has: what is left of them is as good as even
        var wide = new byte[CoordinateBytes + 16];
        HKDF.Expand(HashAlgorithmName.SHA256, secret, wide, "aegis-sealed-static-1"u8);
        var order = new BigInteger(
            Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
            isUnsigned: true, isBigEndian: true);
        var scalar = (new BigInteger(wide, isUnsigned: true, isBigEndian: true) % (order - 1)) + 1;
        var d = new byte[CoordinateBytes];
        var bytes = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(d, d.Length - bytes.Length);
        return ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
    }

    public static byte[] PointOf(ECDiffieHellman key)
    {
        var q = key.ExportParameters(false).Q;
        return [4, .. q.X!, .. q.Y!];
    }

    /// <summary>The channel as the server sees it; null for a point that is none.</summary>
    public SealedChannel? Answer(ECDiffieHellman lasting, byte[] clientPoint, byte[] clientNonce)
    {
        if (Import(clientPoint) is not { } client || clientNonce.Length != NonceBytes)
        {
            return null;
        }
        using (client)
        {
            var (up, down) = Keys(own.DeriveRawSecretAgreement(client.PublicKey),
                lasting.DeriveRawSecretAgreement(client.PublicKey),
                [clientPoint, clientNonce, PointOf(lasting), Point, Nonce]);
            return new SealedChannel(down, up);
        }
    }

    /// <summary>The channel as the client sees it; null for a point that is none.</summary>
    public SealedChannel? Finish(byte[] lastingPoint, byte[] serverPoint, byte[] serverNonce)
    {
        using var lasting = Import(lastingPoint);
        using var server = Import(serverPoint);
        if (lasting is null || server is null || serverNonce.Length != NonceBytes)
        {
            return null;
        }
        var (up, down) = Keys(own.DeriveRawSecretAgreement(server.PublicKey),
            own.DeriveRawSecretAgreement(lasting.PublicKey),
            [Point, Nonce, lastingPoint, serverPoint, serverNonce]);
        return new SealedChannel(up, down);
    }

    public void Dispose() => own.Dispose();

    private static (byte[] Up, byte[] Down) Keys(byte[] ephemeral, byte[] lasting, byte[][] transcript)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("aegis-sealed-1"u8);
        foreach (var part in transcript)
        {
            hash.AppendData(part);
        }
        byte[] secret = [.. ephemeral, .. lasting];
        var root = HKDF.Extract(HashAlgorithmName.SHA256, secret, hash.GetHashAndReset());
        CryptographicOperations.ZeroMemory(secret);
        return (HKDF.Expand(HashAlgorithmName.SHA256, root, KeyBytes, "to the server"u8.ToArray()),
            HKDF.Expand(HashAlgorithmName.SHA256, root, KeyBytes, "to the client"u8.ToArray()));
    }

    private static ECDiffieHellman? Import(byte[] point)
    {
        if (point.Length != PointBytes || point[0] != 4)
        {
            return null;
        }
        try
        {
            return ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = point[1..(CoordinateBytes + 1)], Y = point[(CoordinateBytes + 1)..] },
            });
        }
        catch (CryptographicException)
        {
            // not on the curve
            return null;
        }
    }
}
