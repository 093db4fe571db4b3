using System.Security.Cryptography;

namespace Aegis.Core.Signatures;

/// <summary>Signatures of checkpoints and artifacts: ECDSA on P-256 with SHA-256, the two numbers one behind
/// the other (IEEE P1363), as base64.</summary>
public static class P256Signature
{
    private const int KeyIdDigits = 32;

    public static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string Sign(ECDsa key, ReadOnlySpan<byte> statement) =>
        Convert.ToBase64String(key.SignData(statement, HashAlgorithmName.SHA256));

    public static bool IsBy(ECDsa key, ReadOnlySpan<byte> statement, string signature)
    {
        var bytes = new byte[(signature.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(signature, bytes, out var length)
            && key.VerifyData(statement, bytes.AsSpan(0, length), HashAlgorithmName.SHA256);
    }

    /// <summary>Names a public key: the first 32 hexadecimal digits of the SHA-256 of its
    /// SubjectPublicKeyInfo.</summary>
    public static string KeyId(ReadOnlySpan<byte> publicKey) =>
        Convert.ToHexStringLower(SHA256.HashData(publicKey))[..KeyIdDigits];
}
