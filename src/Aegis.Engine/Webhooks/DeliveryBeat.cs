using Aegis.Engine.Schedules;
using Aegis.Ledger.Webhooks;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Webhooks;

/// <summary>Makes the tries that are due, at most <see cref="DeliveryTable.ClaimMax"/> at once.</summary>
internal sealed class DeliveryBeat(DeliveryTable table, WebhookSender sender, ILogger log)
{
    public async Task<TimeSpan?> TurnAsync(CancellationToken cancel)
    {
        var due = await table.ClaimAsync(cancel);
        await Task.WhenAll(due.Select(d => TryAsync(d, cancel)));
        return due.Count == DeliveryTable.ClaimMax ? TimeSpan.Zero : await table.WaitAsync(cancel);
    }

    private async Task TryAsync(DueDelivery delivery, CancellationToken cancel)
    {
        var result = await sender.TryAsync(delivery, cancel);
        if (result.Status == "dead")
        {
            TriggerLog.DeliveryDead(log, delivery.WebhookId, delivery.DeliveryId, result.Error!);
        }
        await table.EndAsync(delivery, result, cancel);
    }
}
