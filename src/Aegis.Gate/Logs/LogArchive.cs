using Aegis.Blobs;
using Aegis.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Gate.Logs;

/// <summary>Finished logs by their hash, <c>root/ab/abcd…</c>. A log enters by a rename, so that no byte of a
/// large one is copied; the folder must be on the same volume as the spool.</summary>
public sealed class LogArchive(string root)
{
    /// <summary>Takes the file over. It must be complete.</summary>
    /// <param name="durable">It was synced, and stays here through a power cut.</param>
    public void Take(string file, string hash, bool durable)
    {
        var target = PathOf(hash);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        // the same bytes may be there already: replacing them by themselves harms no reader
        File.Move(file, target, overwrite: true);
        if (durable)
        {
            DurableFile.SyncDirectory(Path.GetDirectoryName(target)!);
        }
    }

    public SafeFileHandle Open(string hash)
    {
        try
        {
            return File.OpenHandle(PathOf(hash), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AegisException(LogErrors.Gone(hash));
        }
    }

    private string PathOf(string hash) =>
        hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? Path.Combine(root, hash[..2], hash)
            : throw new ArgumentException("not a SHA-256 in lower hex", nameof(hash));
}
