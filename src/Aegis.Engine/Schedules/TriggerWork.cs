using Aegis.Engine.Webhooks;
using Aegis.Ledger;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Triggers;
using Aegis.Ledger.Webhooks;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Schedules;

/// <summary>What triggers and webhooks work with.</summary>
public sealed record TriggerParts(LedgerDatabase Database, SecretVault Secrets, TriggerSignals Signals,
    WebhookTargets Targets, TimeProvider Time, ILogger Log);

/// <summary>The beats of one server: cron lines become starts, starts become runs, events of runs become
/// deliveries and further starts, deliveries are sent. All that they know stands in the ledger.</summary>
public sealed class TriggerWork : IAsyncDisposable
{
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);
    private readonly WebhookSender sender;
    private readonly Beat[] beats;

    private TriggerWork(WebhookSender sender, Beat[] beats) => (this.sender, this.beats) = (sender, beats);

    public static TriggerWork Start(TriggerParts parts, RunDesk runs)
    {
        var (database, signals, time, log) = (parts.Database, parts.Signals, parts.Time, parts.Log);
        var sender = new WebhookSender(parts.Secrets, parts.Targets, time, Random.Shared);
        var schedules = new ScheduleBeat(new ScheduleTable(database), signals, log);
        var starts = new StartBeat(new StartTable(database), runs, log);
        var events = new RunEventBeat(new RunFeed(database), signals, time, log);
        var deliveries = new DeliveryBeat(new DeliveryTable(database), sender, log);
        var retention = new TriggerRetention(database);
        return new TriggerWork(sender,
        [
            new Beat("schedules", schedules.TurnAsync, signals.Schedules, time, log),
            new Beat("starts", starts.TurnAsync, signals.Starts, time, log),
            new Beat("run events", events.TurnAsync, signals.Runs, time, log),
            new Beat("deliveries", deliveries.TurnAsync, signals.Deliveries, time, log),
            new Beat("retention", cancel => PruneAsync(retention, cancel), new WakeSignal(), time, log,
                PruneEvery),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var beat in beats)
        {
            await beat.DisposeAsync();
        }
        sender.Dispose();
    }

    private static async Task<TimeSpan?> PruneAsync(TriggerRetention retention, CancellationToken cancel)
    {
        await retention.PruneAsync(cancel);
        return null;
    }
}
