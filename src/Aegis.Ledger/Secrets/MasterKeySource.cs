using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Aegis.Blobs;

namespace Aegis.Ledger.Secrets;

/// <summary>Where the key comes from that all secrets of a ledger are sealed with: a file named by
/// AEGIS_MASTER_KEY_FILE, a passphrase in the file named by AEGIS_MASTER_PASSPHRASE_FILE, or, with neither,
/// <c>secrets.key</c> in the home, made at the first start with mode 0600.</summary>
public sealed record MasterKeySource(string Home, string? KeyFile = null, string? PassphraseFile = null)
{
    public const int KeyBytes = 32;
    public const int PassphraseBytesMin = 12;
    public const int PassphraseBytesMax = 1_024;
    private const int FileBytesMax = 4_096;

    public string Name => KeyFile is not null ? "AEGIS_MASTER_KEY_FILE"
        : PassphraseFile is not null ? "AEGIS_MASTER_PASSPHRASE_FILE" : "secrets.key in the home";

    /// <summary>Whether the key is the home's own, which the server made and may change.</summary>
    public bool IsOwn => KeyFile is null && PassphraseFile is null;

    internal string OwnFile => Path.Combine(Home, "secrets.key");

    /// <summary>Where a rotation keeps the new key until the ledger has it.</summary>
    internal string NextFile => OwnFile + ".next";

    /// <summary>The 32 bytes; AEGIS4041 where they cannot be had.</summary>
    internal byte[] Read(byte[] ledgerSalt)
    {
        if (KeyFile is not null && PassphraseFile is not null)
        {
            throw SecretErrors.BadMasterKey("the environment", "one of the two variables",
                "AEGIS_MASTER_KEY_FILE and AEGIS_MASTER_PASSPHRASE_FILE");
        }
        if (PassphraseFile is not null)
        {
            return OfPassphrase(ReadFile(PassphraseFile), ledgerSalt);
        }
        if (KeyFile is not null)
        {
            return OfFile(ReadFile(KeyFile));
        }
        if (!File.Exists(OwnFile))
        {
            DurableFile.Write(OwnFile, NewKey());
        }
        return OfFile(ReadFile(OwnFile));
    }

    internal static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyBytes);

    private byte[] OfPassphrase(byte[] bytes, byte[] salt)
    {
        // an editor ends a file with a line break that nobody means
        var passphrase = bytes.AsSpan().TrimEnd("\r\n"u8);
        return passphrase.Length is >= PassphraseBytesMin and <= PassphraseBytesMax
            ? Argon2id.Hash(passphrase, salt, Argon2Cost.Recommended, KeyBytes)
            : throw SecretErrors.BadMasterKey(Name,
                $"a passphrase of {PassphraseBytesMin} to {PassphraseBytesMax} bytes",
                $"{passphrase.Length} bytes");
    }

    private byte[] OfFile(byte[] bytes)
    {
        if (bytes.Length == KeyBytes)
        {
            return bytes;
        }
        var text = Encoding.UTF8.GetString(bytes).Trim();
        if (text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }
        return Base64.IsValid(text, out var length) && length == KeyBytes
            ? Convert.FromBase64String(text)
            : throw SecretErrors.BadMasterKey(Name, $"{KeyBytes} bytes, or the same in hex or base64",
                $"{bytes.Length} bytes");
    }

    private byte[] ReadFile(string path)
    {
        try
        {
            var size = new FileInfo(path).Length;
            return size <= FileBytesMax
                ? File.ReadAllBytes(path)
                : throw SecretErrors.BadMasterKey(Name, $"a file of at most {FileBytesMax} bytes",
                    $"{size} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecretErrors.BadMasterKey(Name, "a file that this user may read", e.GetType().Name);
        }
    }
}
