using System.Runtime;

namespace Aegis.Engine.Node;

/// <summary>Gives memory back once work is done: a self-hosted server is idle most of its life, and the
/// collector by itself keeps what a burst of work needed. Asked at each upkeep beat; acts once per burst,
/// whoever caused it (runs, an audit, a clone), for it looks at what was allocated.</summary>
internal sealed class IdleTrim
{
    /// <summary>A beat that allocates less is quiet.</summary>
    private const long QuietBytesMax = 1024 * 1024;

    /// <summary>Less than this is not worth a collection.</summary>
    private const long BurstBytesMin = 8 * 1024 * 1024;

    private long atLastBeat;
    private long atLastTrim;

    /// <param name="allocatedBytes">All that the process ever allocated.</param>
    /// <returns>Whether memory was given back.</returns>
    public bool Beat(long allocatedBytes)
    {
        var quiet = allocatedBytes - atLastBeat < QuietBytesMax;
        atLastBeat = allocatedBytes;
        if (!quiet || allocatedBytes - atLastTrim < BurstBytesMin)
        {
            return false;
        }
        atLastTrim = allocatedBytes;
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return true;
    }
}
