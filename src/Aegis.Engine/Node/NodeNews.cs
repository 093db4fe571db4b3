using Aegis.Engine.Pump;
using Aegis.Ledger;
using Aegis.Ledger.EventStore;

namespace Aegis.Engine.Node;

/// <summary>What doors and other nodes tell this one through PostgreSQL. News may be lost with a connection:
/// whoever listens anew catches up first.</summary>
internal sealed class NodeNews(NodeNotices notices, long nodeKey, CommandInbox inbox, ResourceLocks locks,
    ProfileVersions profiles, EngineParts parts, CancellationToken stop)
{
    public async Task ListenAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await notices.ListenAsync(CatchUpAsync, HearAsync, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (PassingFault.Is(e))
            {
                EngineLog.UpkeepBroke(parts.Log, e);
                await Task.Delay(TimeSpan.FromSeconds(1), parts.Time, CancellationToken.None);
            }
        }
    }

    private Task CatchUpAsync()
    {
        profiles.ForgetAll();
        return inbox.DrainAsync(null, stop);
    }

    private Task HearAsync(string channel, string payload)
    {
        if (channel == NodeNotices.Commands)
        {
            return inbox.DrainAsync(null, stop);
        }
        if (channel == NodeNotices.Locks)
        {
            return payload == $"{nodeKey}" ? locks.HearAsync(stop) : Task.CompletedTask;
        }
        profiles.Forget(payload);
        return Task.CompletedTask;
    }
}
