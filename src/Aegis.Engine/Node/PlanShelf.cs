using System.Collections.Concurrent;
using System.Text;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.EventStore;

namespace Aegis.Engine.Node;

/// <summary>Plans by id, compiled from the source that their PlanCreated holds: what a run is pinned
/// to.</summary>
public sealed class PlanShelf(EngineLedger ledger, BlobStore blobs)
{
    /// <summary>Compiled plans kept in memory.</summary>
    public const int KeptMax = 256;

    private readonly ConcurrentDictionary<(TenancyKeys, string, bool), PlanGraph> kept = new();

    public async ValueTask<PlanGraph> GetAsync(Tenancy tenancy, TenancyKeys keys, PlanId plan, bool checkout,
        CancellationToken cancel)
    {
        if (kept.TryGetValue((keys, plan.Value, checkout), out var graph))
        {
            return graph;
        }
        if (await ledger.Streams.FindAsync(keys, plan.Value, cancel) is not { } key)
        {
            throw new AegisException(
                new AegisError("AEGIS5020", $"there is no plan {plan.Value} in this project",
                Mend: "create it with POST /v1/plans:create"));
        }
        await foreach (var stored in ledger.Events.ReadAsync(key, 0, cancel))
        {
            var created = (PlanCreated)RunEventCodec.Decode(stored.Type, stored.Payload);
            var source = created.Source is not null
                ? Encoding.UTF8.GetBytes(created.Source)
                : await BlobAsync(tenancy, created.SourceBlob!, cancel);
            return Keep(keys, plan, checkout, Compile(source, created.File));
        }
        throw new InvariantViolationException($"the stream of {plan.Value} is empty");
    }

    public PlanGraph Keep(TenancyKeys keys, PlanId id, bool checkout, Plan plan) => kept.Keep(
        (keys, id.Value, checkout), new PlanGraph(checkout ? plan.WithCheckout() : plan), KeptMax);

    private static Plan Compile(byte[] source, string file) =>
        WorkflowCompiler.Compile(source, file) is { Ok: true } ok
        ? ok.Plan!
        : throw new InvariantViolationException($"{file} was a plan once and does not compile any more");

    private async Task<byte[]> BlobAsync(Tenancy tenancy, string hash, CancellationToken cancel)
    {
        await using var stream = blobs.OpenRead(tenancy.Tenant, new BlobRef(hash, 0));
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, cancel);
        return memory.ToArray();
    }
}
