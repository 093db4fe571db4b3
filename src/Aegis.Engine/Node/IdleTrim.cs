using System.Runtime;

namespace Aegis.Engine.Node;

/// <summary>Gives memory back once all work is done: a self-hosted server is idle most of its life, and the collector
/// by itself keeps what a burst of work needed. Asked at each upkeep beat; acts once per burst.</summary>
internal sealed class IdleTrim
{
    private bool worked = true;

    public void Beat(int liveRuns)
    {
        if (liveRuns > 0)
        {
            worked = true;
        }
        else if (worked)
        {
            worked = false;
            GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
