using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Runs.Events;
using Aegis.Engine;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Gate.Admission;
using Aegis.Gate.Logs;
using Aegis.Gate.Policies;
using Aegis.Gate.Redaction;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Tenants;
using Aegis.Models;
using Aegis.Processes;
using Aegis.Sandbox;
using Aegis.Tests.Shared;
using Aegis.Tools;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Agents.Tests.Support;

/// <summary>One life of a node with the product's own gate, tools, sandbox and models, over a test's ledger.
/// Abandon leaves everything as a kill would.</summary>
internal sealed class AgentRoom : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly LedgerFixture ledger;
    private readonly ProcessLauncher launcher = new();
    private readonly Principal by;
    private ModelDoor models = null!;
    private SandboxRunner sandbox = null!;
    private EngineNode node = null!;
    private EnginePlanDesk plans = null!;
    private EngineRunDesk runs = null!;

    private AgentRoom(LedgerFixture ledger, Tenancy tenancy)
    {
        this.ledger = ledger;
        by = new Principal("key:test", tenancy, ["tools:*"]);
    }

    public EngineNode Node => node;

    /// <param name="home">The node's own files; the next life of the same node has the same.</param>
    public static async Task<AgentRoom> StartAsync(
        LedgerFixture ledger, Tenancy tenancy, string home, params Tool[] more)
    {
        var room = new AgentRoom(ledger, tenancy);
        await room.OpenAsync(home, more);
        return room;
    }

    /// <summary>A project with a profile of its own.</summary>
    public static async Task<Tenancy> ProjectAsync(
        LedgerFixture ledger, string yaml, params (string Name, string Text)[] files)
    {
        var tenancy = new Tenancy("acme", "p" + Guid.NewGuid().ToString("N"));
        var keys = await ledger.CreateProjectAsync(tenancy);
        Assert.Empty(ProfileShelf.Check(yaml, files.ToDictionary(f => f.Name, f => f.Text),
            Core.Catalogue.ModelCatalogue.BuiltIn));
        await new ProfileStore(ledger.Database).AddAsync(keys, yaml, files.ToImmutableSortedDictionary(
            f => f.Name, f => f.Text), "test", None);
        return tenancy;
    }

    private async Task OpenAsync(string home, Tool[] more)
    {
        string Folder(string name) => Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        sandbox = await SandboxRunner.CreateAsync(new SandboxOptions(), launcher, None);
        models = new ModelDoor(_ => null);
        var tools = BuiltInTools.Catalogue(null, [.. AgentTools.All(), .. more]);
        var store = new ProfileStore(ledger.Database);
        var shelf = new ProfileShelf(store, ledger.Tenants, models);
        var options = new ExecutionOptions(Folder("scratch"), [],
            ImmutableSortedDictionary<string, string>.Empty, SandboxLimits.Default, () => null, _ => "", []);
        var parts = new ExecutionParts(sandbox, launcher, new CallLogs(Folder("logs")), shelf, null!, options,
            new Redactor(["s3cret-of-the-node"]));
        var gate = new Gate.Gate(tools, new ExecutionFactory(parts), NullLogger<Gate.Gate>.Instance,
            new GateOrder(NoVaccines.Instance, new RateLimiter(TimeProvider.System)));
        node = await EngineNode.StartAsync(new EngineParts(ledger.Database, ledger.Tenants,
            new BlobStore(Folder("blobs")), gate, tools, new Workspaces(Folder("workspaces"), sandbox), null,
            SlotLimits.Default, TimeProvider.System, NullLogger.Instance)
        {
            Models = shelf.SightAsync,
        }, None);
        (plans, runs) = (new EnginePlanDesk(node), new EngineRunDesk(node));
    }

    public async Task<RunId> StartRunAsync(string workflow, object? inputs = null)
    {
        var plan = await plans.CreateAsync(by, Encoding.UTF8.GetBytes(workflow), "test.yaml", null, None);
        return await runs.StartAsync(by, new PlanId(plan.PlanId), new RunRequest(
            inputs is null ? null : JsonSerializer.SerializeToElement(inputs), null, null, null), None);
    }

    /// <summary>The last fact of a run that has ended.</summary>
    public async Task<string> EndAsync(RunId run)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        for (var seen = 0; ;)
        {
            var facts = await FactsAsync(run);
            if (facts.Count > 0 && facts[^1] is PlanCompleted or RunFailed or RunCancelled)
            {
                return facts[^1].GetType().Name;
            }
            if (facts.Count == seen)
            {
                await runs.WaitForEventsAsync(run, seen, limit.Token);
            }
            seen = facts.Count;
        }
    }

    public async Task<List<RunEvent>> FactsAsync(RunId run)
    {
        var key = await new StreamDirectory(ledger.Database.Source(Ledger.LedgerRole.Engine)).FindAsync(
            (await ledger.Tenants.ResolveAsync(by.Tenancy, None))!.Value, run.Value, None);
        var facts = new List<RunEvent>();
        if (key is not null)
        {
            await foreach (var e in new EventReader(ledger.Database.Source(Ledger.LedgerRole.Engine))
                .ReadAsync(key.Value, 0, None))
            {
                facts.Add(RunEventCodec.Decode(e.Type, e.Payload));
            }
        }
        return facts;
    }

    /// <summary>How a step ended: its outputs, or its error.</summary>
    public async Task<(JsonElement? Outputs, Core.Errors.AegisError? Error)> StepAsync(
        RunId run, string step) => (await FactsAsync(run)).Select(f => f switch
        {
            TaskCompleted e when e.StepId == step => (e.Outputs, (Core.Errors.AegisError?)null),
            TaskFailed e when e.StepId == step => (e.Outputs, e.Error),
            _ => ((JsonElement?)null, null),
        }).Last(e => e.Item1 is not null || e.Item2 is not null);

    /// <summary>The life ends without a word: appends are fenced, attempts end.</summary>
    public async Task AbandonAsync()
    {
        node.Freeze();
        await ledger.ExecuteAsync("UPDATE nodes SET fenced_at = now() WHERE fenced_at IS NULL");
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await sandbox.DisposeAsync();
        models.Dispose();
        launcher.Dispose();
    }
}
