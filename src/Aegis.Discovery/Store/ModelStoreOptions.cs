namespace Aegis.Discovery.Store;

/// <summary>Where the models of this machine are kept, and how many.</summary>
/// <param name="Folder">Made where it is not there.</param>
public sealed record ModelStoreOptions(string Folder)
{
    /// <summary>Models that are kept unless the configuration says otherwise.</summary>
    public const int KeptMax = 20;

    /// <summary>4 GB: what they take together unless the configuration says otherwise. Half downloads count
    /// too.</summary>
    public const long KeptBytesMax = 4_000_000_000;

    /// <summary>The most that a configuration may allow.</summary>
    public const int ConfiguredMax = 1_000;

    public const long ConfiguredBytesMax = 16L << 40;

    /// <summary>How long a half download waits for somebody to go on with it.</summary>
    public static readonly TimeSpan HalfKeptMax = TimeSpan.FromDays(7);

    public int Models { get; init; } = KeptMax;

    public long Bytes { get; init; } = KeptBytesMax;

    /// <summary>Bytes that the disk of a folder has left.</summary>
    internal Func<string, long> BytesFree { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Opens a half file for more.</summary>
    internal Func<string, Stream> OpenHalf { get; init; } = OpenAtEnd;

    internal static FileStream OpenAtEnd(string path)
    {
        var file = new FileStream(
            path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Seek(0, SeekOrigin.End);
        return file;
    }
}
