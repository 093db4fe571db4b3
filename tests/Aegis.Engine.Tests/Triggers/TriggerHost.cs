using System.Text;
using Aegis.Core;
using Aegis.Engine.Schedules;
using Aegis.Engine.Webhooks;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;
using Aegis.Ledger.Webhooks;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Engine.Tests.Triggers;

/// <summary>An engine with its triggers on a test's ledger. Every wait is for rows that the beats write, and
/// the beats are woken as the server wakes them.</summary>
internal sealed class TriggerHost : IAsyncDisposable
{
    private readonly LedgerFixture ledger;
    private readonly TriggerParts parts;
    private TriggerWork? work;

    private TriggerHost(LedgerFixture ledger, EngineHost engine, TriggerParts parts, TenancyKeys keys)
    {
        (this.ledger, this.parts, Engine, Keys) = (ledger, parts, engine, keys);
        (Workflows, Hooks, Webhooks) = (new(ledger.Database), new(ledger.Database), new(ledger.Database));
    }

    public EngineHost Engine { get; }

    public TenancyKeys Keys { get; }

    public WorkflowStore Workflows { get; }

    public HookTable Hooks { get; }

    public WebhookStore Webhooks { get; }

    public SecretVault Secrets => parts.Secrets;

    public TriggerSignals Signals => parts.Signals;

    public static async Task<TriggerHost> OpenAsync(LedgerFixture ledger, params string[] privateHosts)
    {
        var engine = await EngineHost.StartAsync(ledger, new World());
        var vault = await SecretVault.OpenAsync(
            ledger.Database, new MasterKeySource(ledger.Home), CancellationToken.None);
        var keys = (await ledger.Tenants.ResolveAsync(EngineHost.Tenancy, CancellationToken.None))!.Value;
        var parts = new TriggerParts(ledger.Database, vault, new TriggerSignals(),
            new WebhookTargets(privateHosts),
            TimeProvider.System, NullLogger.Instance);
        engine.Node.RunChanged = parts.Signals.Runs.Wake;
        return new TriggerHost(ledger, engine, parts, keys);
    }

    public void Start() => work = TriggerWork.Start(parts, Engine.Runs);

    /// <summary>Another server's beats on the same ledger.</summary>
    public TriggerWork StartAnother() => TriggerWork.Start(parts with { Signals = new() }, Engine.Runs);

    public async Task<RegisteredWorkflow> RegisterAsync(string name, string on, string step = "flow.noop",
        string header = "")
    {
        var yaml = $"name: {name}\non:\n  {on.ReplaceLineEndings("\n  ")}\n"
            + header + $"steps: [{{ id: a, uses: {step} }}]\n";
        var plan = await Engine.Plans.CreateAsync(
            Engine.Principal, Encoding.UTF8.GetBytes(yaml), $"{name}.yaml", null, CancellationToken.None);
        return await Workflows.PutAsync(Keys,
            new NewWorkflow(name, plan.PlanId, plan.WorkflowHash, "key:test",
            ["tools:*"], plan.Triggers, null, null), CancellationToken.None);
    }

    public static NewStart StartOf(RegisteredWorkflow workflow, string cause) =>
        new(workflow, FreshRunId.At(DateTimeOffset.UnixEpoch), cause, """{"event":"test"}""");

    public Task<HookOutcome> AcceptAsync(string delivery, params NewStart[] starts) =>
        Hooks.AcceptAsync(Keys, "github", delivery, starts, CancellationToken.None);

    /// <summary>Runs that there are, by their streams.</summary>
    public Task<long> RunsAsync() =>
        ledger.ScalarAsync<long>("SELECT count(*) FROM streams WHERE stream_id LIKE 'run\\_%'");

    /// <summary>Waits until a query says true, woken by nothing but the database.</summary>
    public Task UntilAsync(string condition, params object?[] values) =>
        ledger.UntilAsync<bool>($"SELECT true WHERE ({condition})", values);

    public async ValueTask DisposeAsync()
    {
        if (work is not null)
        {
            await work.DisposeAsync();
        }
        await Engine.DisposeAsync();
    }
}
