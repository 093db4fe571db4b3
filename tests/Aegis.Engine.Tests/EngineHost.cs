using System.Text;
using System.Text.Json;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Plans.Review;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Gate.Redaction;
using Aegis.Ledger;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Triggers;
using Aegis.Sandbox;
using Aegis.Tests.Shared;
using Aegis.Tools.Flow;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Engine.Tests;

/// <summary>One life of a server's engine on a test's ledger. Abandon leaves everything as a kill would:
/// nothing is written any more, nothing is given back.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private readonly LedgerFixture ledger;
    private readonly EngineNode node;

    private EngineHost(LedgerFixture ledger, EngineNode node, World world)
    {
        (this.ledger, this.node, World) = (ledger, node, world);
        Principal = new Principal("key:test", Tenancy, ["tools:*"]);
        (Plans, Runs) = (new EnginePlanDesk(node), new EngineRunDesk(node));
    }

    public static Tenancy Tenancy { get; } = new("acme", "web");

    public Principal Principal { get; init; }

    public EnginePlanDesk Plans { get; }

    public EngineRunDesk Runs { get; }

    public World World { get; }

    public EngineNode Node => node;

    /// <summary>Null for a life that keeps none.</summary>
    public ArtifactDesk? Artifacts { get; private init; }

    public static async Task<EngineHost> StartAsync(
        LedgerFixture ledger, World world, SlotLimits? slots = null, Workspaces? workspaces = null,
        bool artifacts = false, ModelSight? models = null, LedgerDatabase? database = null)
    {
        if (await ledger.Tenants.ResolveAsync(Tenancy, CancellationToken.None) is null)
        {
            await ledger.CreateProjectAsync(Tenancy);
        }
        var tools = new ToolCatalogue(
        [
            new NoopTool(), new PlanExtend(), new WorkflowRun(),
            new ActTool("test.idem", ToolEffect.Idempotent, world),
            new ActTool("test.probe", ToolEffect.Reconcilable, world),
                new ActTool("test.once", ToolEffect.Once, world), new WriteTool(world),
                new PutTool(world),
            new ActTool("llm.chat", ToolEffect.Idempotent, world),
            new ActTool("git.push", ToolEffect.Idempotent, world), new VerdictTool(),
        ]);
        ArtifactDesk? desk = null;
        var parts = artifacts
            ? new ExecutionParts(null!, null!, null!, null!, null!, null!, new Redactor([]))
                { Artifacts = () => desk }
            : null;
        var gate = new Gate.Gate(tools, new ExecutionFactory(parts), NullLogger<Gate.Gate>.Instance);
        var vault = artifacts ? await SecretVault.OpenAsync(
            ledger.Database, new MasterKeySource(ledger.Home), CancellationToken.None) : null;
        var node = await EngineNode.StartAsync(new EngineParts(database ?? ledger.Database, ledger.Tenants,
            new BlobStore(Path.Combine(ledger.Home, "blobs")), gate, tools, workspaces, null,
                slots ?? SlotLimits.Default,
            TimeProvider.System, NullLogger.Instance)
        {
            Models = models is null ? null : (_, _, _) => ValueTask.FromResult(models),
        }, CancellationToken.None, opened => desk = vault is null ? null : opened.OpenArtifacts(vault));
        return new EngineHost(ledger, node, world) { Artifacts = desk };
    }

    public async Task<RunId> StartAsync(string steps, string head = "", object? inputs = null)
    {
        var yaml = $"name: test\non: manual\n{head}steps:\n{steps}";
        var plan = await Plans.CreateAsync(Principal, Encoding.UTF8.GetBytes(yaml), "test.yaml", null,
            CancellationToken.None);
        return await Runs.StartAsync(Principal, new PlanId(plan.PlanId), new RunRequest(
            inputs is null ? null : JsonSerializer.SerializeToElement(inputs), null, null, null),
            CancellationToken.None);
    }

    /// <summary>Registers a workflow, as its door does.</summary>
    public async Task<PlanView> RegisterAsync(string name, string steps, string head = "")
    {
        var yaml = $"name: {name}\non: manual\n{head}steps:\n{steps}";
        var plan = await Plans.CreateAsync(Principal, Encoding.UTF8.GetBytes(yaml), name + ".yaml", null,
            CancellationToken.None);
        var keys = (await ledger.Tenants.ResolveAsync(Tenancy, CancellationToken.None))!.Value;
        await new WorkflowStore(ledger.Database).PutAsync(keys, new NewWorkflow(name, plan.PlanId,
            plan.WorkflowHash, Principal.Actor, [.. Principal.Scopes], plan.Triggers, null, null),
            CancellationToken.None);
        return plan;
    }

    /// <summary>The run of which this fact of another run speaks, or the fact itself as JSON.</summary>
    public async Task<List<JsonElement>> FactsAsync(RunId run, string type) =>
        [.. (await EventsAsync(run)).Where(e => e.Type == type)
            .Select(e => JsonElement.Parse(e.Payload!))];

    /// <summary>The run's final status.</summary>
    public Task<string> EndAsync(RunId run) => UntilAsync(run, "PlanCompleted", "RunFailed", "RunCancelled");

    /// <summary>Waits until the run's newest fact in the ledger is one of these, and its node knows
    /// it.</summary>
    public async Task<string> UntilAsync(RunId run, params string[] newest)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var seen = 0; ;)
        {
            var types = await TypesAsync(run);
            if (types.Count > 0 && newest.Contains(types[^1]))
            {
                await KnownAsync(run, types.Count);
                return types[^1];
            }
            if (types.Count == seen)
            {
                await Runs.WaitForEventsAsync(run, seen, limit.Token);
            }
            seen = types.Count;
        }
    }

    /// <summary>The ledger has a fact a moment before its node knows that it has.</summary>
    private async Task KnownAsync(RunId run, int version)
    {
        while (node.Live.Find(Tenancy, run.Value) is { } pump)
        {
            var grown = pump.Grown.Next();
            if (pump.CommittedVersion >= version)
            {
                return;
            }
            await grown.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    public async Task<List<string>> TypesAsync(RunId run) =>
        [.. (await EventsAsync(run)).Select(e => e.Type)];

    private async Task<List<StoredEvent>> EventsAsync(RunId run)
    {
        var key = await new StreamDirectory(ledger.Database.Source(LedgerRole.Engine)).FindAsync(
            (await ledger.Tenants.ResolveAsync(Tenancy, CancellationToken.None))!.Value, run.Value,
            CancellationToken.None);
        var facts = new List<StoredEvent>();
        if (key is null)
        {
            return facts;
        }
        await foreach (var e in new EventReader(ledger.Database.Source(LedgerRole.Engine))
            .ReadAsync(key.Value, 0, CancellationToken.None))
        {
            facts.Add(e);
        }
        return facts;
    }

    /// <summary>The life ends without a word: appends are fenced, attempts end.</summary>
    public async Task AbandonAsync()
    {
        node.Freeze();
        await ledger.ExecuteAsync("UPDATE nodes SET fenced_at = now() WHERE fenced_at IS NULL");
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();
}
