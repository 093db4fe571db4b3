using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Projections;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger.Artifacts;
using Aegis.Ledger.Chat;
using Aegis.Ledger.Deployments;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Federation;
using Aegis.Ledger.ReadModels;
using Aegis.Ledger.Routing;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Vaccines;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Node;

/// <summary>Takes streams over and folds them back into runs; rebuilds the read models the same
/// way.</summary>
public sealed class Recovery(EngineLedger ledger, RunHistory history, ILogger log)
{
    /// <summary>Raised whenever the rows' meaning changes: an older set is thrown away and rebuilt.</summary>
    public const int ReadModelsVersion = 4;

    private const int Page = 500;

    /// <summary>Claims what dead nodes left open and goes on with it.</summary>
    public async Task<int> TakeOverAsync(
        long nodeKey, PumpContext context, LiveRuns live, CancellationToken cancel)
    {
        var rows = await ledger.Streams.ClaimAsync(nodeKey, cancel);
        var pumps = new List<RunPump>();
        foreach (var row in rows)
        {
            try
            {
                if (await TakeOverAsync(row, context, cancel) is { } pump)
                {
                    pumps.Add(pump);
                    live.Add(pump);
                }
            }
            catch (Exception e) when (
                e is AegisException or InvariantViolationException or System.Text.Json.JsonException)
            {
                EngineLog.RecoverBroke(log, row.StreamId, e);
            }
        }
        // none goes on before all have back what they hold
        live.Rejoin(pumps);
        pumps.ForEach(p => p.GoOn());
        return rows.Count;
    }

    /// <summary>Rebuilds all rows from events where there are none (PostgreSQL empties unlogged tables after
    /// its own crash) or older ones. Live runs are written whole again afterwards.</summary>
    public async Task RebuildIfNeededAsync(ReadModelWriter writer, LiveRuns live, CancellationToken cancel)
    {
        if (await ledger.ReadModels.VersionAsync(cancel) == ReadModelsVersion)
        {
            return;
        }
        await writer.AloneAsync(() => RebuildAsync(cancel), cancel);
        foreach (var pump in live.All)
        {
            pump.Projected = null;
            writer.MarkDirty(pump);
        }
    }

    private async Task RebuildAsync(CancellationToken cancel)
    {
        await ledger.ReadModels.ClearAsync(cancel);
        long after = 0;
        while (await ledger.Streams.PageAsync(after, Page, cancel) is { Count: > 0 } page)
        {
            var batch = new ReadModelBatch();
            foreach (var row in page)
            {
                await AddRowsAsync(batch, row, cancel);
                after = row.Key;
            }
            await ledger.ReadModels.WriteAsync(batch, cancel);
        }
        await ledger.ReadModels.SetVersionAsync(ReadModelsVersion, cancel);
    }

    private async Task<RunPump?> TakeOverAsync(StreamRow row, PumpContext context, CancellationToken cancel)
    {
        // a session of calls died with its node; each of its calls was whole or was not
        if (ArtifactStream.Is(row.StreamId) || IsOfNoRun(row.StreamId))
        {
            var rows = new ReadModelBatch();
            await AddRowsAsync(rows, row, cancel);
            rows.ClosedStreams.Add(row.Key);
            await ledger.ReadModels.WriteAsync(rows, cancel);
            return null;
        }
        if (await history.FoldAsync(row, cancel) is not { } folded)
        {
            var batch = new ReadModelBatch();
            await AddRowsAsync(batch, row, cancel);
            batch.Plans.ForEach(context.ReadModels.Add);
            return null;
        }
        var head = new StreamHead(row.Key, row.Keys, row.Tenancy, row.StreamId);
        head.Resume(folded.Version, folded.Hash);
        var start = folded.State.Start;
        var starter = new Principal(start.Actor, row.Tenancy, start.Scopes.ToImmutableHashSet());
        return RunPump.TakeOver(context, head, folded.State, starter);
    }

    private async Task AddRowsAsync(ReadModelBatch batch, StreamRow row, CancellationToken cancel)
    {
        if (row.StreamId.StartsWith("plan_", StringComparison.Ordinal))
        {
            await foreach (var stored in ledger.Events.ReadAsync(row.Key, 0, cancel))
            {
                if (stored.Payload is not null
                    && RunEventCodec.Decode(stored.Type, stored.Payload) is PlanCreated created)
                {
                    batch.Plans.Add(new PlanRow(
                        row.Keys, row.Key, created.PlanId, created.Name, created.WorkflowHash,
                        created.Tasks.Length, stored.At));
                }
            }
        }
        else if (ArtifactStream.Is(row.StreamId))
        {
            await foreach (var stored in ledger.Events.ReadAsync(row.Key, 0, cancel))
            {
                if (ArtifactStream.VersionOf(stored.Type, stored.Payload) is { } version)
                {
                    batch.Artifacts.Add(new ArtifactRow(row.Keys, version));
                }
            }
        }
        else if (CallStream.Is(row.StreamId))
        {
            await UsageProjection.AddSessionAsync(batch, row, ledger.Events, cancel);
        }
        else if (!IsOfNoRun(row.StreamId) && await history.FoldAsync(row, cancel) is { } folded)
        {
            RunProjection.Add(batch, row.Keys, null, folded.State);
        }
    }

    private static bool IsOfNoRun(string streamId) =>
        SecretStream.Is(streamId) || CallStream.Is(streamId) || McpStream.Is(streamId)
            || ModelStream.Is(streamId) || VaccineStream.Is(streamId) || DeploymentStream.Is(streamId)
            || ChatStream.Is(streamId);
}
