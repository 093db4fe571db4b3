using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Core.Runs;
using Aegis.Engine.Calls;
using Aegis.Engine.Children;
using Aegis.Engine.Projections;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Node;

/// <summary>
/// The engine of one server. Start: 1. take a lease; 2. fence nodes that are dead; 3. rebuild read models if
/// they are gone; 4. take over what dead nodes left open. Then pumps do the work, and an upkeep beat of 5 s
/// renews the lease and looks for dead nodes; nothing else polls. Stop: freeze the pumps, end the attempts
/// (they are recovered at the next start), flush, give the lease back.
/// </summary>
public sealed class EngineNode : IAsyncDisposable
{
    private readonly EngineParts parts;
    private readonly NodeLease lease;
    private readonly CancellationTokenSource stop = new();
    private readonly Recovery recovery;
    private readonly Alarms alarms;
    private readonly ReadModelWriter readModels;
    private readonly EngineLedger ledger;
    private readonly ProfileVersions profiles;
    private readonly KeptWorkspaces? kept;
    private readonly ResourceLocks locks;
    private readonly NodeNews news;
    private readonly BudgetUpkeep budgets;
    private Task upkeep = Task.CompletedTask;
    private Task listening = Task.CompletedTask;

    private EngineNode(EngineParts parts, EngineLedger ledger, NodeLease lease)
    {
        (this.parts, this.ledger, this.lease) = (parts, ledger, lease);
        Live = new LiveRuns(parts.Time);
        kept = parts.Workspaces is { } workspaces
            ? new KeptWorkspaces(workspaces, Live, parts.Time, parts.Log)
            : null;
        profiles = new ProfileVersions(new ProfileStore(parts.Database));
        Plans = new PlanShelf(ledger, parts.Blobs);
        History = new RunHistory(ledger, Plans);
        Shipped = new ShippedPlans(this);
        recovery = new Recovery(ledger, History, parts.Log);
        Commit = ledger.OpenCommit(lease);
        alarms = new Alarms(parts.Time);
        readModels = new ReadModelWriter(ledger.ReadModels, parts.Time, parts.Log) { Closed = Forget };
        var attempts = new AttemptRunner(
            parts.Gate, parts.Tools, parts.Workspaces, parts.Repositories,
            new FileHasher(parts.Workspaces, parts.Time), new TurnReplies(parts.Blobs, parts.Time),
            parts.Time, Random.Shared);
        Children = new ChildRunStarter(this, alarms);
        var waiters = new LockWaiters();
        locks = new ResourceLocks(ledger.Locks(lease),
            new LockNews(Live, Children, waiters, parts.Time), alarms, parts.Time, parts.Log);
        OutsideLocks = new LockDesk(locks, waiters, parts.Time);
        Context = new PumpContext(
            Commit, new RunRules(Traits), parts.Time, new Slots(parts.Slots), locks, alarms,
            attempts, readModels, Ended, Children);
        Inbox = new CommandInbox(ledger.Commands(lease), Live, parts.Time);
        budgets = new BudgetUpkeep(parts.Budgets, ledger.Budgets(lease));
        news = new NodeNews(ledger.Notices, lease.NodeKey, Inbox, locks, profiles, parts, stop.Token);
    }

    public LiveRuns Live { get; }

    /// <summary>Completes with the reason when this node can append nothing any more; the server then
    /// exits.</summary>
    public Task<string> Lost => Commit.Lost;

    /// <summary>Called when a run has begun or ended here, after the commit.</summary>
    public Action RunChanged { get; set; } = () => { };

    /// <summary>Locks for holders that are no runs.</summary>
    public LockDesk OutsideLocks { get; }

    internal Recordings Recordings { get; } = new();

    internal EngineParts Parts => parts;

    internal GroupCommit Commit { get; }

    internal PumpContext Context { get; }

    internal PlanShelf Plans { get; }

    internal ShippedPlans Shipped { get; }

    internal RunHistory History { get; }

    internal ChildRunStarter Children { get; }

    internal StreamDirectory Streams => ledger.Streams;

    /// <summary>Starts by key come one at a time.</summary>
    internal SemaphoreSlim KeyedStarts { get; } = new(1);

    internal RunKeyTable RunKeys => ledger.RunKeys;

    internal CommandInbox Inbox { get; }

    /// <summary>Artifacts, written by this node.</summary>
    public ArtifactDesk OpenArtifacts(SecretVault vault) =>
        new(new ArtifactParts(parts.Database, parts.Tenants, parts.Blobs, vault),
            keys => ledger.Artifacts(lease, Commit, keys, parts.Blobs, parts.Time));

    /// <summary>Moves facts of secrets and of locks into their streams, as this node.</summary>
    public SecretFactWork OpenSecretFacts(SecretVault vault)
    {
        locks.FactsWait = () => vault.FactWaits();
        return SecretFactWork.Start(vault, ledger.SecretFacts(Commit), parts.Time, parts.Log);
    }

    internal ReadModelWriter ReadModels => readModels;

    /// <param name="opened">Called before runs of dead nodes go on: what they use must be there.</param>
    public static async Task<EngineNode> StartAsync(
        EngineParts parts, CancellationToken cancel, Action<EngineNode>? opened = null)
    {
        var ledger = new EngineLedger(parts.Database);
        var lease = await ledger.TakeLeaseAsync(cancel);
        var node = new EngineNode(parts, ledger, lease);
        opened?.Invoke(node);
        node.budgets.Open();
        await lease.FenceDeadAsync(cancel);
        await node.recovery.RebuildIfNeededAsync(node.readModels, node.Live, cancel);
        await node.TakeOverAsync(cancel);
        await node.locks.SweepAsync(cancel);
        if (node.kept is { } kept)
        {
            _ = Task.Run(() => TidyAsync(() => kept.PruneAsync(node.stop.Token)), CancellationToken.None);
        }
        node.upkeep = Task.Run(node.UpkeepAsync, CancellationToken.None);
        node.listening = Task.Run(node.news.ListenAsync, CancellationToken.None);
        return node;
    }

    internal IRunRepositories RepositoriesOrFail() => parts.Repositories
        ?? throw new InvariantViolationException("this node has no repositories");

    internal string NewId(string prefix)
    {
        Span<byte> chance = stackalloc byte[10];
        System.Security.Cryptography.RandomNumberGenerator.Fill(chance);
        return SortableId.Make(prefix, parts.Time.GetUtcNow(), chance);
    }

    internal async ValueTask<TenancyKeys> KeysAsync(Tenancy tenancy, CancellationToken cancel) =>
        await parts.Tenants.ResolveAsync(tenancy, cancel) ?? throw new AegisException(
            new AegisError("AEGIS5025", $"there is no project {tenancy}"));

    internal ValueTask<int?> ProfileVersionAsync(TenancyKeys keys, CancellationToken cancel) =>
        profiles.NewestAsync(keys, cancel);

    internal void ProfileStored(TenancyKeys keys, int version) => profiles.Stored(keys, version);

    /// <summary>Appends the first fact of a stream that ends with it.</summary>
    internal async ValueTask AppendAsync(StreamHead head, ChainedEvent only)
    {
        if (await Commit.AppendAsync(head, [only], isNewStream: true) != AppendOutcome.Committed)
        {
            throw new AegisException(PumpErrors.NotHere);
        }
    }

    internal async ValueTask<string> StoreAsync(
        Tenancy tenancy, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        await using var writer = parts.Blobs.CreateWriter(tenancy.Tenant);
        await writer.WriteAsync(bytes, cancel);
        return (await writer.CompleteAsync(cancel)).Hash;
    }

    /// <summary>Everything committed so far stands in the read models.</summary>
    public Task DrainReadModelsAsync(CancellationToken cancel) => readModels.DrainAsync(cancel);

    /// <summary>Decides nothing any more and interrupts every attempt.</summary>
    public void Freeze() => Live.Freeze();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(upkeep, listening);
        Freeze();
        await Recordings.FinishAsync();
        await locks.DisposeAsync();
        if (Commit.Fenced)
        {
            readModels.Abandon();
        }
        Commit.Dispose();
        alarms.Dispose();
        await readModels.DisposeAsync();
        await budgets.StopAsync();
        await lease.DisposeAsync();
        stop.Dispose();
    }

    private void Ended(RunPump pump)
    {
        Live.Leave(pump);
        Children.Ended(pump);
    }

    /// <summary>An outside tool is what nobody knows anything better of, whatever the project's profile says:
    /// a run's decisions must not change with it.</summary>
    internal ToolTraits? Traits(string tool) => parts.Tools.Find(tool)?.Descriptor is { } found
        ? new ToolTraits(AttemptRunner.EffectText(found.Effect), found.RunsInline, found.RunsTurns)
        : McpToolName.TryRead(tool, out _, out _)
            ? new ToolTraits(AttemptRunner.EffectText(ToolEffect.Once), false)
            : null;

    private void Forget(RunPump pump)
    {
        Live.Remove(pump);
        RunChanged();
        if (pump.UsedWorkspace && kept is not null)
        {
            var keep = pump.Committed.Status != RunStatus.Succeeded;
            _ = Task.Run(() => TidyAsync(() => kept.EndedAsync(pump.Head.StreamId, keep, stop.Token)));
        }
    }

    /// <summary>What a stop interrupts, the next start does.</summary>
    private static async Task TidyAsync(Func<Task> tidy)
    {
        try
        {
            await tidy();
        }
        catch (OperationCanceledException)
        {
            // the server stops
        }
    }

    private async Task TakeOverAsync(CancellationToken cancel)
    {
        var count = await recovery.TakeOverAsync(lease.NodeKey, Context, Live, cancel);
        if (count > 0)
        {
            EngineLog.TookOver(parts.Log, count);
        }
        await Inbox.DrainAsync(null, cancel);
    }

    private async Task UpkeepAsync()
    {
        using var beat = new PeriodicTimer(NodeLease.RenewEvery, parts.Time);
        var trim = new IdleTrim();
        while (true)
        {
            try
            {
                if (!await beat.WaitForNextTickAsync(stop.Token))
                {
                    return;
                }
                trim.Beat(GC.GetTotalAllocatedBytes());
                if (!await lease.RenewAsync(stop.Token))
                {
                    Commit.Lose("the node's lease was taken away");
                    return;
                }
                await recovery.RebuildIfNeededAsync(readModels, Live, stop.Token);
                await locks.SweepAsync(stop.Token);
                await locks.HearAsync(stop.Token);
                if (await lease.FenceDeadAsync(stop.Token) > 0)
                {
                    await TakeOverAsync(stop.Token);
                }
                await budgets.BeatAsync(stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (PassingFault.Is(e))
            {
                EngineLog.UpkeepBroke(parts.Log, e);
            }
        }
    }
}
