using System.Security.Cryptography;
using System.Text;
using Aegis.Blobs;
using Aegis.Core.Signatures;

namespace Aegis.Ledger.Audit;

/// <summary>The key that signs checkpoints: ECDSA P-256, made at first use, in the home with mode 0600.
/// Whoever can read it can sign another history, so keep a copy of <c>checkpoint.pub</c> and of the
/// checkpoints elsewhere.</summary>
public static class CheckpointKey
{
    public static string PublicFile(string home) => Path.Combine(home, "keys", "checkpoint.pub");

    public static ECDsa Open(string home)
    {
        var file = Path.Combine(home, "keys", "checkpoint.key");
        var key = P256Signature.NewKey();
        if (File.Exists(file))
        {
            key.ImportFromPem(File.ReadAllText(file));
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!, DurableFile.OwnerOnlyDirectory);
            DurableFile.Write(file, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        }
        if (!File.Exists(PublicFile(home)))
        {
            DurableFile.Write(PublicFile(home), Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()
                + "\n"));
        }
        return key;
    }

    /// <summary>The public key (SubjectPublicKeyInfo) in a PEM file such as <see
    /// cref="PublicFile"/>.</summary>
    public static byte[] ReadPublic(string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key.ExportSubjectPublicKeyInfo();
    }
}
