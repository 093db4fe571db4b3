using System.Collections.Immutable;
using Aegis.Agents;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Engine.Calls;
using Aegis.Engine.Deployments;
using Aegis.Engine.Learning;
using Aegis.Engine.Node;
using Aegis.Engine.Pump;
using Aegis.Engine.Schedules;
using Aegis.Engine.Webhooks;
using Aegis.Gate;
using Aegis.Gate.Admission;
using Aegis.Gate.Budgets;
using Aegis.Gate.Federation;
using Aegis.Gate.Federation.OAuth;
using Aegis.Gate.Http;
using Aegis.Gate.Logs;
using Aegis.Gate.Models;
using Aegis.Gate.Policies;
using Aegis.Gate.Stacks;
using Aegis.Gate.Vaccines;
using Aegis.Ledger.Vaccines;
using Aegis.Engine.Vaccines;
using Aegis.Gate.Redaction;
using Aegis.Gate.Terminals;
using Aegis.Ledger.Answers;
using Aegis.Ledger.Deployments;
using Aegis.Ledger.Federation;
using Aegis.Ledger.Stacks;
using Aegis.Ledger.Tenants;
using Aegis.Models;
using Aegis.Models.Caching;
using Aegis.Processes;
using Aegis.Sandbox;
using Aegis.Sandbox.Egress;
using Aegis.Server.Configuration;
using Aegis.Server.Deployments;
using Aegis.Tools;

namespace Aegis.Server.Rooms;

/// <summary>The product's own engine room: launcher, sandbox, gate, tools, node. The host's capabilities are
/// made here and handed to the gate alone.</summary>
public sealed class NodeRoom : EngineRoom
{
    private readonly EngineParts room;
    private readonly ProcessLauncher launcher;
    private readonly SandboxRunner sandbox;
    private readonly ModelDoor models;
    private readonly RecordingShelf recordings;
    private readonly AnswerCache answers;
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(100),
    };

    private readonly CallLogs logs;
    private readonly Engine.Node.EngineParts parts;
    private Uri? address;
    private EngineNode? node;
    private PlanDesk? plans;
    private RunDesk? runs;
    private ArtifactDesk? artifacts;
    private CallDesk? calls;
    private TriggerWork? triggers;
    private SecretFactWork? secretFacts;
    private LearningWork? learning;
    private readonly VaccineShelf immunity;
    private VaccineWork? vaccines;
    private DeploymentDesk? deployments;
    private CallLocks? callLocks;
    private readonly LiveCommands live = new();
    private readonly LiveTerminals terminals;

    private NodeRoom(EngineParts room, ProcessLauncher launcher, SandboxRunner sandbox,
        IRunRepositories? repositories)
    {
        (this.room, this.launcher, this.sandbox) = (room, launcher, sandbox);
        terminals = new LiveTerminals(room.Time);
        var home = room.Options.Home;
        var log = room.Loggers.CreateLogger<AnswerCache>();
        answers = new AnswerCache(new AnswerTable(room.Ledger, room.Tenants), room.Time,
            new AnswerCacheOptions { Broke = e => ServerLog.AnswersBroke(log, e) });
        models = new ModelDoor(HostKeys.Find, new ModelDoorOptions
        {
            Catalogue = room.Catalogue.Current,
            LocalHosts = room.Options.LocalModelHosts,
        }, ModelMemory, room.Time, answers);
        logs = new CallLogs(Folder(home, "logs"), new LogArchive(Folder(home, "blobs/logs")));
        var table = new McpToolTable(room.Ledger);
        var outside = new FederatedTools(room.Tenants, room.Profiles, table, room.Time);
        var tools = BuiltInTools.Catalogue(outside, [.. AgentTools.All(), .. room.MoreTools]);
        immunity = new VaccineShelf(room.Ledger, room.Tenants);
        var order = new GateOrder(immunity, new RateLimiter(room.Time));
        var policies = new PolicyShelf(
            room.Profiles, room.Tenants, room.Tiers.Current, room.Time, immunity);
        var budgets = new BudgetRoom(room.Time);
        Tools = new ToolDesk(tools, order, policies, budgets);
        var shelf = new ProfileShelf(room.Profiles, room.Tenants, models);
        Models = new ModelDesk(shelf, room.Profiles, room.Tenants, policies, budgets);
        recordings = new RecordingShelf(() => artifacts, room.Loggers.CreateLogger<RecordingShelf>());
        var blobs = new BlobStore(Folder(home, "blobs"));
        var execution = new ExecutionParts(
            sandbox, launcher, logs, shelf, http, Options(home), HostKeys.Redactor())
        {
            Live = live,
            Terminals = terminals,
            Time = room.Time,
            Waiting = Waiting,
            Secret = UseSecretAsync,
            Keys = new Keyring(UseSecretAsync, room.Time),
            EgressSecrets = BoundSecretsAsync,
            Artifacts = () => artifacts,
            Deployments = () => deployments,
            Locks = () => callLocks,
            Stacks = new StackDesk(new StackVault(room.Ledger, room.Secrets, blobs), room.Tenants),
            KeepSecret = KeepSecretAsync,
            Recordings = recordings,
            Budgets = budgets,
            Policies = policies,
            Vaccines = new VaccineDesk(
                room.Ledger, room.Tenants, room.Time, policies.Forget, () => room.Secrets.FactWaits()),
            Watch = immunity,
            Federation = new FederationParts(
                table, room.Tenants, outside, new PrivateHosts(room.Options.McpPrivateHosts),
                room.Options.McpServers, new OutsideTokens(room.Time)),
        };
        var gate = new Gate.Gate(
            tools, new ExecutionFactory(execution), room.Loggers.CreateLogger<Gate.Gate>(), order, policies,
            budgets);
        parts = new Engine.Node.EngineParts(
            room.Ledger, room.Tenants, blobs, gate,
            tools, new Workspaces(Folder(home, "workspaces"), sandbox), repositories, SlotLimits.Default,
                room.Time,
            room.Loggers.CreateLogger<EngineNode>())
        {
            Models = shelf.SightAsync,
            Budgets = budgets,
        };
    }

    public override PlanDesk Plans => plans ?? throw NotStarted();

    public override RunDesk Runs => runs ?? throw NotStarted();

    public override ToolDesk Tools { get; }

    public override ModelDesk Models { get; }

    public override ArtifactDesk Artifacts => artifacts ?? throw NotStarted();

    public override CallDesk Calls => calls ?? throw NotStarted();

    public override DeploymentDesk Deployments => deployments ?? throw NotStarted();

    public override LockDesk OutsideLocks => node?.OutsideLocks ?? throw NotStarted();

    public static async Task<NodeRoom> OpenAsync(EngineParts room, IRunRepositories? repositories,
        ProcessLauncher launcher, CancellationToken cancel)
    {
        var scratch = Path.Combine(room.Options.Home, "scratch");
        if (Directory.Exists(scratch))
        {
            Directory.Delete(scratch, true);
        }
        var sandbox = await SandboxRunner.CreateAsync(SandboxOf(room.Options), launcher, cancel);
        return new NodeRoom(room, launcher, sandbox, repositories);
    }

    /// <summary>The sandboxes of a server with these options; <c>sandbox doctor</c> examines the same.
    /// </summary>
    internal static SandboxOptions SandboxOf(ServerOptions options) => new()
    {
        Microvm = new() { Folder = Path.Combine(options.Home, "microvm") },
        ImagesFolder = Path.Combine(options.Home, "images"),
        RequiredWalls = [.. options.SandboxWalls],
        Egress = new()
        {
            PrivateHosts = options.EgressPrivateHosts,
            TrustedRoots = TrustedRoots.WithFile(options.EgressCaFile),
        },
    };

    public override async ValueTask StartAsync(Uri server, CancellationToken cancel)
    {
        address = new Uri(server, "/forge/");
        // before runs of a former server go on: their calls may deploy
        deployments = await DeploymentDesk.StartAsync(new DeploymentParts(
            Folder(room.Options.Home, "deployments"), sandbox, new DeploymentTable(room.Ledger), room.Tenants,
            new DeploymentFronts(room.Loggers), UseSecretAsync, HostKeys.Values(),
            () => room.Secrets.FactWaits(), room.Time, room.Loggers.CreateLogger<DeploymentDesk>()), cancel);
        node = await EngineNode.StartAsync(parts, cancel, opened =>
        {
            artifacts = opened.OpenArtifacts(room.Secrets);
            callLocks = new CallLocks(opened.OutsideLocks, room.Tenants, room.Time);
        });
        (plans, runs) = (new EnginePlanDesk(node), new EngineRunDesk(node));
        secretFacts = node.OpenSecretFacts(room.Secrets);
        calls = new CallDesk(node);
        learning = await LearningWork.StartAsync(new LearningParts(room.Ledger, room.Tenants, ModelMemory,
            room.Signals.Learning, () => room.Secrets.FactWaits(), room.Time,
            room.Loggers.CreateLogger<LearningWork>()), cancel);
        vaccines = VaccineWork.Start(new VaccineParts(immunity, new VaccineTally(room.Ledger), room.Tenants,
            () => room.Secrets.FactWaits(), room.Time, room.Loggers.CreateLogger<VaccineWork>()));
        node.RunChanged = room.Signals.Runs.Wake;
        triggers = TriggerWork.Start(new TriggerParts(room.Ledger, room.Secrets, room.Signals,
            new WebhookTargets(room.Options.WebhookPrivateHosts), room.Time,
            room.Loggers.CreateLogger<TriggerWork>()), runs);
    }

    public override LiveTerminals Terminals => terminals;

    public override CommandUsage? Usage(RunId run) => live.Find(run);

    public override async Task<SandboxReport?> ExamineAsync(CancellationToken cancel) =>
        await sandbox.ExamineAsync(cancel);

    public override AegisError? Health() => node?.Lost is { IsCompleted: true } lost
        ? new AegisError("AEGIS5011", $"the engine can append nothing: {lost.Result}")
        : null;

    public override Task<string> LostAsync() => node?.Lost ?? new TaskCompletionSource<string>().Task;

    public override IAsyncEnumerable<ReadOnlyMemory<byte>> LogAsync(
        RunId run, string stepId, int attempt, long offset,
        bool follow, CancellationToken cancel) => logs.Reader.FollowAsync(run, stepId, attempt, offset,
            follow, cancel);

    public override async ValueTask StopAsync(CancellationToken cancel)
    {
        if (triggers is not null)
        {
            await triggers.DisposeAsync();
            triggers = null;
        }
        await (node?.Live.SettleAsync(cancel) ?? Task.CompletedTask);
        if (deployments is not null)
        {
            await deployments.DisposeAsync();
            deployments = null;
        }
        if (learning is not null)
        {
            await learning.DisposeAsync();
            learning = null;
        }
        if (vaccines is not null)
        {
            await vaccines.DisposeAsync();
            vaccines = null;
        }
        if (secretFacts is not null)
        {
            room.Secrets.FactWaits = () => { };
            await secretFacts.DisposeAsync();
            secretFacts = null;
        }
        await recordings.DisposeAsync();
        if (node is not null)
        {
            await node.DisposeAsync();
            node = null;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        // what nobody stopped before is waited for no more
        await StopAsync(new CancellationToken(canceled: true));
        await ModelMemory.DisposeAsync();
        await sandbox.DisposeAsync();
        launcher.Dispose();
        models.Dispose();
        await answers.DisposeAsync();
        http.Dispose();
    }

    private async ValueTask<string?> UseSecretAsync(SecretAsk ask, CancellationToken cancel) =>
        await room.Tenants.ResolveAsync(ask.Tenancy, cancel) is { } keys
            ? (await room.Secrets.UseAsync(
                ask.Tenancy, keys, ask.Name, ask.Use, cancel, ask.Target))?.Value
            : null;

    private async ValueTask KeepSecretAsync(
        Principal by, string name, string value, CancellationToken cancel)
    {
        var keys = await room.Tenants.ResolveAsync(by.Tenancy, cancel)
            ?? throw new AegisException(new AegisError("AEGIS5025", $"there is no project {by.Tenancy}"));
        await room.Secrets.SetAsync(by.Tenancy, keys, name, value, by.Actor, cancel);
    }

    private async ValueTask<CommandSecrets?> BoundSecretsAsync(CallContext call, CancellationToken cancel) =>
        await room.Tenants.ResolveAsync(call.Principal.Tenancy, cancel) is { } keys
            ? await CommandSecrets.FindAsync(room.Secrets, keys, call, cancel)
            : null;

    private ExecutionOptions Options(string home) =>
        new(Folder(home, "scratch"), PackageCaches.Mounts(room.Options),
        PackageCaches.Env(room.Options),
            SandboxLimits.Default with { WallTimeMax = AttemptRunner.TimeoutDefault },
        () => address, room.Tokens.Mint, HostKeys.Values())
        {
            Forges = new ForgeRules(room.Options.ForgePrivateHosts, room.Options.GitHubTokenProjects,
                room.Options.GitHubUrl, HostKeys.GitHubToken),
        };

    private static string Folder(string home, string name) =>
        Directory.CreateDirectory(Path.Combine(home, name)).FullName;

    private static AegisException NotStarted() =>
        new(new AegisError("AEGIS5012", "the engine has not started yet", Mend: "wait for /readyz"));
}
