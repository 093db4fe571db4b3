using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.ReadModels;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Projections;

/// <summary>The rows of <c>model_usage</c>, of runs and of sessions of calls.</summary>
internal static class UsageProjection
{
    /// <summary>Adds the rows that differ between two states of a stream.</summary>
    public static void Add(ReadModelBatch batch, TenancyKeys keys, string streamId, string? door,
        string actor, ModelUsage before, ModelUsage after)
    {
        foreach (var (key, totals) in after.Since(before))
        {
            batch.ModelUsage.Add(new ModelUsageRow(keys, streamId, door, actor, key, totals));
        }
    }

    /// <summary>Adds all rows of a session, from its stream.</summary>
    public static async Task AddSessionAsync(
        ReadModelBatch batch, StreamRow row, EventReader events, CancellationToken cancel)
    {
        SessionOpened? opened = null;
        var usage = ModelUsage.None;
        await foreach (var stored in events.ReadAsync(row.Key, 0, cancel))
        {
            if (stored.Type == nameof(SessionOpened) && stored.Payload is { } first)
            {
                opened = (SessionOpened)RunEventCodec.Decode(stored.Type, first);
            }
            else if (NamesModels(stored)
                && RunEventCodec.Decode(stored.Type, stored.Payload) is ToolReturned returned)
            {
                usage = usage.With(returned.StepId, returned.Models, stored.At);
            }
        }
        if (opened is not null)
        {
            Add(batch, row.Keys, opened.SessionId, opened.Door, opened.Actor, ModelUsage.None, usage);
        }
    }

    // a session may be long, and most tools ask no model: what cannot be one is not read as JSON
    private static bool NamesModels(StoredEvent stored) => stored.Type == nameof(ToolReturned)
        && stored.Payload.AsSpan().IndexOf("\"models\":"u8) >= 0;
}
