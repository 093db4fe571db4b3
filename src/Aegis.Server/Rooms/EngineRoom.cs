using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Engine.Calls;
using Aegis.Engine.Deployments;
using Aegis.Gate;
using Aegis.Gate.Peers;
using Aegis.Gate.Terminals;
using Aegis.Models.Learning;
using Aegis.Sandbox;
using Aegis.Server.Problems;

namespace Aegis.Server.Rooms;

/// <summary>The engine as the doors see it. It is opened after the ledger and before the doors, so that a
/// request finds its desks; it starts runs again only when the doors are open, because its tools call the
/// local forge.</summary>
public abstract class EngineRoom : IAsyncDisposable
{
    public abstract PlanDesk Plans { get; }

    public abstract RunDesk Runs { get; }

    /// <summary>The gate's own word on who may call what.</summary>
    public abstract ToolDesk Tools { get; }

    /// <summary>What would become of calls to models.</summary>
    public abstract ModelDesk Models { get; }

    public abstract ArtifactDesk Artifacts { get; }

    /// <summary>Calls of tools that are no runs.</summary>
    public abstract CallDesk Calls { get; }

    /// <summary>What this node serves; throws on one that serves nothing.</summary>
    public virtual DeploymentDesk Deployments => throw new AegisException(
        DoorErrors.NotReady("engine", "it serves no deployments"));

    /// <summary>Locks for holders that are no runs.</summary>
    public abstract LockDesk OutsideLocks { get; }

    /// <summary>Recovers what a former process left and begins to work.</summary>
    /// <param name="server">Where this server's own doors answer.</param>
    public abstract ValueTask StartAsync(Uri server, CancellationToken cancel);

    /// <summary>Completes with the reason when this server can append nothing any more and must
    /// end.</summary>
    public abstract Task<string> LostAsync();

    /// <summary>Null when it works; what is wrong otherwise.</summary>
    public abstract AegisError? Health();

    /// <summary>A call's log from an offset, in pieces that are valid until the next one is asked for; with
    /// follow until the attempt has ended. The doors have checked already that the run is the
    /// caller's.</summary>
    public abstract IAsyncEnumerable<ReadOnlyMemory<byte>> LogAsync(RunId run, string stepId, int attempt,
        long offset, bool follow, CancellationToken cancel);

    /// <summary>What the sandboxed command of a run takes now; null where none runs on this
    /// node.</summary>
    public virtual CommandUsage? Usage(RunId run) => null;

    /// <summary>Who waits at this node's doors for the ends of runs.</summary>
    public virtual RunPeers Waiting { get; } = new();

    /// <summary>What this node knows of models.</summary>
    public virtual ModelMemory ModelMemory { get; } = new();

    /// <summary>The terminals of this node; null for an engine without any.</summary>
    public virtual LiveTerminals? Terminals => null;

    /// <summary>What each kind of sandbox is made of here, found by entering; null for an engine without
    /// any.</summary>
    public virtual Task<SandboxReport?> ExamineAsync(CancellationToken cancel) =>
        Task.FromResult<SandboxReport?>(null);

    /// <summary>Takes no new work and lets running tasks end, until cancelled; doors and ledger are still
    /// there.</summary>
    public abstract ValueTask StopAsync(CancellationToken cancel);

    public abstract ValueTask DisposeAsync();
}

