namespace Aegis.Files;

/// <summary>How much one call of <c>hashFiles()</c> may look at. A workspace is a stranger's: it may hold
/// anything.</summary>
/// <param name="Files">Files that are hashed.</param>
/// <param name="Bytes">Of all those files together.</param>
/// <param name="Entries">Files and folders that are looked at.</param>
/// <param name="Depth">Folders below one another; each is an open file while what it holds is
/// visited.</param>
public sealed record FileHashLimits(int Files = FileHashLimits.FilesMax, long Bytes = FileHashLimits.BytesMax,
    int Entries = FileHashLimits.EntriesMax, int Depth = FileHashLimits.DepthMax)
{
    public const int FilesMax = 100_000;
    public const long BytesMax = 4L << 30;
    public const int EntriesMax = 2_000_000;
    public const int DepthMax = 128;
}
