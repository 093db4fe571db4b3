using System.Text.RegularExpressions;

namespace Aegis.Blobs;

/// <summary>
/// Content-addressed bytes on disk: <c>root/&lt;folder&gt;/&lt;first two of the hash&gt;/&lt;hash&gt;</c>. A
/// folder is a tenant, or a tenant and a project, so the same content of two tenants is two files: neither
/// can learn that the other has it, and erasing one's leaves the other's. A blob is whole or absent after any
/// crash.
/// </summary>
public sealed partial class BlobStore
{
    public const long BytesMax = 16L * 1024 * 1024 * 1024;
    public const int FolderDepthMax = 2;
    private const string Unfinished = ".unfinished";
    private readonly string _root;
    private readonly string _temporary;

    /// <summary>Opens the store and removes what writers of a killed process left unfinished. One process
    /// owns a root at a time.</summary>
    public BlobStore(string root)
    {
        _root = Path.GetFullPath(root);
        _temporary = Path.Combine(_root, Unfinished);
        Directory.CreateDirectory(_root, DurableFile.OwnerOnlyDirectory);
        if (Directory.Exists(_temporary))
        {
            Directory.Delete(_temporary, recursive: true);
        }
        Directory.CreateDirectory(_temporary, DurableFile.OwnerOnlyDirectory);
    }

    /// <summary>A stream to write into; nothing is stored until <see
    /// cref="BlobWriter.CompleteAsync"/>.</summary>
    public BlobWriter CreateWriter(string folder, long bytesMax = BytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytesMax, BytesMax);
        return new BlobWriter(_root, Path.Combine(_temporary, Path.GetRandomFileName()), FolderPath(folder),
            bytesMax);
    }

    /// <summary>Opens content for reading. With <paramref name="verify"/> the last read fails where the bytes
    /// are not what the hash says.</summary>
    public Stream OpenRead(string folder, BlobRef blob, bool verify = false)
    {
        FileStream file;
        try
        {
            file = new FileStream(PathOf(folder, blob), FileMode.Open, FileAccess.Read,
                FileShare.Read | FileShare.Delete, 64 * 1024, useAsync: false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobException(BlobFault.Missing, $"there is no blob {blob.Hash}");
        }
        if (file.Length != blob.Bytes)
        {
            var length = file.Length;
            file.Dispose();
            throw new BlobException(BlobFault.Damaged,
                $"blob {blob.Hash} has {length} bytes, expected {blob.Bytes}");
        }
        return verify ? new VerifyingStream(file, blob) : file;
    }

    public bool Exists(string folder, BlobRef blob) => File.Exists(PathOf(folder, blob));

    /// <summary>Removes content, for erasure. False where it was not there.</summary>
    public bool Delete(string folder, BlobRef blob)
    {
        var path = PathOf(folder, blob);
        if (!File.Exists(path))
        {
            return false;
        }
        File.Delete(path);
        DurableFile.SyncDirectory(Path.GetDirectoryName(path)!);
        return true;
    }

    internal static string InFolder(string folderPath, string hash) => Path.Combine(folderPath, hash[..2],
        hash);

    private string PathOf(string folder, BlobRef blob) => HashRule().IsMatch(blob.Hash)
        ? InFolder(FolderPath(folder), blob.Hash)
        : throw new ArgumentException("a blob's hash is 64 lowercase hexadecimal digits", nameof(blob));

    private string FolderPath(string folder)
    {
        var names = folder.Split('/');
        return names.Length <= FolderDepthMax && names.All(n => NameRule().IsMatch(n))
            ? Path.Combine([_root, .. names])
            : throw new ArgumentException("a folder is a tenant, or a tenant and a project", nameof(folder));
    }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex HashRule();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex NameRule();
}
