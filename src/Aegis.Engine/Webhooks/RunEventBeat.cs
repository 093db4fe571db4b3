using Aegis.Engine.Schedules;
using Aegis.Ledger.Webhooks;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Webhooks;

/// <summary>Reads the events that begin and end runs, and turns them into deliveries and starts. An
/// event that is committed but not settled yet (an older transaction is still open) is asked for again
/// soon.</summary>
internal sealed class RunEventBeat(RunFeed feed, TriggerSignals signals, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SoonMax = TimeSpan.FromSeconds(1);
    private TimeSpan wait = Soon;

    public async Task<TimeSpan?> TurnAsync(CancellationToken cancel)
    {
        var turn = await feed.TurnAsync(React, cancel);
        if (turn.Read > 0)
        {
            wait = Soon;
            signals.Deliveries.Wake();
            signals.Starts.Wake();
        }
        if (!turn.More)
        {
            wait = Soon;
            return null;
        }
        if (turn.Read == RunFeed.PageMax)
        {
            return TimeSpan.Zero;
        }
        wait = wait < SoonMax ? wait * 2 : SoonMax;
        return wait;
    }

    private FeedReaction React(RunFeedEvent fact)
    {
        var name = RunMessage.NameOf(fact.Type);
        return new FeedReaction(name, RunMessage.IdOf(fact), name is null ? "" : RunMessage.Body(fact, name),
            Completions.Of(fact, time.GetUtcNow(), log));
    }
}
