using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Tools.Files.Patching;

namespace Aegis.Tools.Files;

/// <summary>A file before a patch, and what the patch made of it.</summary>
/// <param name="Before">Its text; null where there was no file.</param>
/// <param name="AfterHash">SHA-256 of its text afterwards; null where there was no file left.</param>
public sealed record BackedUpFile(string Path, string? Before, bool Executable, string? AfterHash);

// It lies in the workspace, beside the files, and not in the artifact store: what a file holds is seen by
// those who see the workspace, it comes and goes with the layers, and its name is the hash of its bytes, so
// one that was meddled with undoes nothing.

/// <summary>What undoes a patch: <c>/work/.aegis/undo/HASH</c>.</summary>
public sealed record PatchBackup(ImmutableArray<BackedUpFile> Files)
{
    /// <summary>Backups in a workspace; of more, the oldest go.</summary>
    public const int KeptMax = 1_000;

    /// <summary>What one may unpack to: the patch's files as JSON text.</summary>
    public const long UnpackedBytesMax = 6 * PatchFiles.TotalBytesMax + (1 << 20);

    internal static PatchBackup Of(
        ImmutableArray<FileChange> changes, IReadOnlyDictionary<string, PatchedFile> before) => new(
        [.. changes.Select(c => new BackedUpFile(c.Path, before[c.Path].Text, before[c.Path].Executable,
            c.Content is null ? null : HashOf(c.Content)))]);

    public static string HashOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public (string Name, byte[] Bytes) Pack()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(gzip, this);
        }
        var bytes = packed.ToArray();
        return (Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes);
    }

    /// <summary>The backup of that name; null where the bytes are others.</summary>
    public static PatchBackup? Unpack(string name, byte[] bytes)
    {
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != name)
        {
            return null;
        }
        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var json = new MemoryStream();
            var block = new byte[81_920];
            int read;
            while ((read = gzip.Read(block)) > 0)
            {
                if (json.Length + read > UnpackedBytesMax)
                {
                    return null;
                }
                json.Write(block, 0, read);
            }
            json.Position = 0;
            return JsonSerializer.Deserialize<PatchBackup>(json) is { Files.IsDefault: false } backup
                && backup.Files.All(f => f?.Path is not null) ? backup : null;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The changes that bring back what was there, or the first file that is no more what the patch
    /// left.</summary>
    internal (ImmutableArray<FileChange> Changes, string? Moved) Undo(
        IReadOnlyDictionary<string, PatchedFile> now)
    {
        var changes = ImmutableArray.CreateBuilder<FileChange>(Files.Length);
        foreach (var file in Files)
        {
            var text = now[file.Path].Text;
            if ((text is null ? null : HashOf(text)) != file.AfterHash)
            {
                return ([], file.Path);
            }
            changes.Add(new FileChange(file.Path, file.Before, file.Before is null ? null : file.Executable,
                file.Path, 0, 0));
        }
        return (changes.ToImmutable(), null);
    }
}
