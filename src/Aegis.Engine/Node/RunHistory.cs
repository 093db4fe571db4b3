using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Node;

/// <summary>A run as its stream tells it.</summary>
public sealed record FoldedRun(RunState State, int Version, byte[] Hash);

/// <summary>Folds streams back into runs.</summary>
public sealed class RunHistory(EngineLedger ledger, PlanShelf plans)
{
    /// <summary>Null for a plan's stream, and where a payload was erased.</summary>
    public async Task<FoldedRun?> FoldAsync(StreamRow row, CancellationToken cancel)
    {
        RunState? state = null;
        var (version, hash) = (0, Array.Empty<byte>());
        await foreach (var stored in ledger.Events.ReadAsync(row.Key, 0, cancel))
        {
            if (stored.Payload is null)
            {
                return null;
            }
            var fact = RunEventCodec.Decode(stored.Type, stored.Payload);
            state = fact switch
            {
                RunStarted started =>
                    RunFold.Start(started, await GraphAsync(row, started, cancel), stored.At),
                PlanCreated => null,
                _ => RunFold.Evolve(state!, fact, stored.At),
            };
            (version, hash) = (stored.Version, stored.Hash);
        }
        return state is null ? null : new FoldedRun(state, version, hash);
    }

    /// <summary>A run by its id, wherever it is pumped; null where there is no such stream.</summary>
    public async Task<FoldedRun?> FindAsync(
        Tenancy tenancy, TenancyKeys keys, string runId, CancellationToken cancel)
    {
        if (await ledger.Streams.FindAsync(keys, runId, cancel) is not { } key)
        {
            return null;
        }
        return await FoldAsync(new StreamRow(key, keys, tenancy, runId), cancel)
            ?? throw new AegisException(new AegisError("AEGIS5057",
                $"run {runId} cannot be read back: a payload of it was erased"));
    }

    private ValueTask<PlanGraph> GraphAsync(StreamRow row, RunStarted started, CancellationToken cancel) =>
        plans.GetAsync(row.Tenancy, row.Keys, new PlanId(started.PlanId), started.Repository is not null,
            cancel);
}
