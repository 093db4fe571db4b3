using System.Diagnostics;
using System.Text;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Policy.Tiers;
using Aegis.Engine;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Gate.Admission;
using Aegis.Gate.Policies;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Tools.Flow;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Bench.Engine;

/// <summary>An engine on an embedded PostgreSQL in a temporary home, with the product's own
/// settings.</summary>
internal sealed class BenchEngine : IAsyncDisposable
{
    private readonly string directory;
    private readonly EngineNode node;
    private readonly EnginePlanDesk plans;
    private readonly EngineRunDesk runs;
    private readonly Principal principal;

    private BenchEngine(string directory, LedgerDatabase database, EngineNode node, Principal principal)
    {
        (this.directory, Database, this.node, this.principal) = (directory, database, node, principal);
        (plans, runs) = (new EnginePlanDesk(node), new EngineRunDesk(node));
    }

    public LedgerDatabase Database { get; }

    public static async Task<BenchEngine> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("aegis-bench-").FullName;
        var database = await LedgerDatabase.OpenAsync(new LedgerOptions { HomeDirectory = directory },
            TimeProvider.System, CancellationToken.None);
        var tenants = new TenantDirectory(database);
        await tenants.CreateTenantAsync("bench", CancellationToken.None);
        await tenants.CreateProjectAsync(new Tenancy("bench", "bench"), CancellationToken.None);
        var tools = new ToolCatalogue([new NoopTool()]);
        var gate = new Gate.Gate(tools, new ExecutionFactory(null), NullLogger<Gate.Gate>.Instance,
            new GateOrder(NoVaccines.Instance, new RateLimiter(TimeProvider.System)),
            new PolicyShelf(new ProfileStore(database), tenants, () => TierBook.BuiltIn,
                TimeProvider.System));
        var node = await EngineNode.StartAsync(
            new EngineParts(database, tenants, new BlobStore(directory), gate, tools,
            null, null, SlotLimits.Default, TimeProvider.System, NullLogger.Instance),
            CancellationToken.None);
        var principal = new Principal("bench", new Tenancy("bench", "bench"), ["tools:*"]);
        return new BenchEngine(directory, database, node, principal);
    }

    public async Task<PlanId> PlanAsync(string yaml)
    {
        var view = await plans.CreateAsync(principal, Encoding.UTF8.GetBytes(yaml), "bench.yaml", null,
            CancellationToken.None);
        return new PlanId(view.PlanId);
    }

    /// <summary>Returns once the run's last fact is committed.</summary>
    public async Task RunToEndAsync(PlanId plan)
    {
        var run = await runs.StartAsync(
            principal, plan, new RunRequest(null, null, null, null), CancellationToken.None);
        if (node.Live.Find(principal.Tenancy, run.Value) is not { } pump)
        {
            return;
        }
        while (true)
        {
            var grown = pump.Grown.Next();
            if (pump.Committed.Ended)
            {
                return;
            }
            await grown;
        }
    }

    public async Task<List<double>> TimeRunsAsync(PlanId plan, int times)
    {
        var seconds = new List<double>();
        for (var i = 0; i < times; i++)
        {
            var since = Stopwatch.GetTimestamp();
            await RunToEndAsync(plan);
            seconds.Add(Stopwatch.GetElapsedTime(since).TotalSeconds);
        }
        return seconds;
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(directory, true);
    }
}
