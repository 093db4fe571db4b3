using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Engine.Calls;
using Aegis.Engine.Deployments;
using Aegis.Engine.Schedules;
using Aegis.Engine.Webhooks;
using Aegis.Gate;
using Aegis.Gate.Policies;
using Aegis.Gate.Vaccines;
using Aegis.Ledger.Federation;
using Aegis.Ledger;
using Aegis.Ledger.Artifacts;
using Aegis.Ledger.Audit;
using Aegis.Ledger.Chat;
using Aegis.Ledger.Deployments;
using Aegis.Ledger.Devices;
using Aegis.Ledger.Locks;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Routing;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Triggers;
using Aegis.Ledger.Webhooks;
using Aegis.Server.Artifacts;
using Aegis.Server.Auth;
using Aegis.Server.Configuration;
using Aegis.Server.Devices;
using Aegis.Server.Mcp.Sources;
using Aegis.Server.Problems;
using Aegis.Server.Runs;

namespace Aegis.Server.Rooms;

/// <summary>What the doors work with.</summary>
public sealed record DoorParts(ServerOptions Options, TimeProvider Time, LedgerDatabase Ledger,
    TenantDirectory Tenants, ProfileStore Profiles, KeyVerifier Keys, EngineRoom? Engine,
    RepositoryRoom? Repositories, CheckpointWriter Checkpoints, SecretVault Secrets,
    TriggerSignals Signals)
{
    public RunReads Runs { get; } = new(Ledger);

    public UsageReads Usage { get; } = new(Ledger);

    public VerdictTable Verdicts { get; } = new(Ledger);

    public ReplacementTable Replacements { get; } = new(Ledger);

    /// <summary>What was learned from failures.</summary>
    public VaccineDesk Vaccines => new(Ledger, Tenants, Time, tenant => Engine?.Tools.Forget(tenant),
        () => Secrets.FactWaits());

    public StreamReads Streams { get; } = new(Ledger);

    public WorkflowStore Workflows { get; } = new(Ledger);

    public HookTable Hooks { get; } = new(Ledger);

    public WebhookStore Webhooks { get; } = new(Ledger);

    public ArtifactReads Artifacts { get; } = new(Ledger);

    public ArtifactKeys ArtifactKeys { get; } = new(Ledger, Secrets);

    public McpToolTable OutsideTools { get; } = new(Ledger);

    public DownloadLinks Links => new(Secrets.LinkKey, Time);

    public WebhookTargets WebhookTargets { get; } = new(Options.WebhookPrivateHosts);

    public OpenStreams OpenStreams { get; } = new(DoorLimits.StreamsMax, DoorLimits.StreamsPerProjectMax);

    /// <summary>Connections of /v1/rpc that have not said who they are.</summary>
    public OpenStreams NamelessSockets { get; } =
        new(DoorLimits.RpcNamelessCountMax, DoorLimits.RpcNamelessCountMax);

    public DeviceTable Devices { get; } = new(Ledger, Tenants);

    public ChatTable Chat { get; } = new(Ledger);

    public LockReads Locks { get; } = new(Ledger);

    public DeploymentTable Deployments { get; } = new(Ledger);

    public PairingCodes PairingCodes => new(Secrets.LinkKey);

    /// <summary>Refuses a profile that no run could use; throws AegisException or
    /// WorkflowRejectedException.</summary>
    public Action<string, IReadOnlyDictionary<string, string>>? ProfileCheck { get; init; }

    /// <summary>The installation's tiers.</summary>
    public TierFile Tiers { get; init; } = null!;

    /// <summary>What is on this machine: programs, servers of models, the model store.</summary>
    public MachineRoom Machine { get; init; } = null!;

    /// <summary>Resources and prompts of the MCP door beside the product's own.</summary>
    public McpSources McpSources { get; init; } = McpSources.None;

    public Readiness Readiness { get; } = new();

    public PlanDesk PlanDesk => Working().Plans;

    public RunDesk RunDesk => Working().Runs;

    public ToolDesk ToolDesk => Working().Tools;

    public ModelDesk ModelDesk => Working().Models;

    public ArtifactDesk ArtifactDesk => Working().Artifacts;

    public CallDesk CallDesk => Working().Calls;

    public LockDesk LockDesk => Working().OutsideLocks;

    public DeploymentDesk DeploymentDesk => Working().Deployments;

    /// <summary>The engine while it takes work; AEGIS6050 otherwise.</summary>
    public EngineRoom Working()
    {
        if (Engine is null)
        {
            throw new AegisException(DoorErrors.NotReady("engine", "this server has none"));
        }
        return Readiness.NotReady is { } why ? throw new AegisException(DoorErrors.NotReady("server", why))
            : Engine;
    }
}
