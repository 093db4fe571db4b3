using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Plans.Shipped;
using Aegis.Gate;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine;

/// <summary>Where plans are made.</summary>
public abstract class PlanDesk
{
    /// <summary>Compiles, checks inputs where they are given, and records PlanCreated.</summary>
    /// <exception cref="WorkflowRejectedException">With every error at once.</exception>
    public abstract ValueTask<PlanView> CreateAsync(
        Principal by, ReadOnlyMemory<byte> workflow, string fileName,
        JsonElement? inputs, CancellationToken cancel);

    /// <summary>A plan of the caller's project; AEGIS5020 where there is none.</summary>
    public abstract ValueTask<PlanView> GetAsync(Principal by, PlanId plan, CancellationToken cancel);

    /// <summary>The plan of a workflow that comes with the product.</summary>
    public abstract ValueTask<PlanView> ShippedAsync(
        Principal by, ShippedWorkflow workflow, CancellationToken cancel);
}

/// <summary>Where runs are started and steered. All throw AegisException with what a client may
/// read.</summary>
public abstract class RunDesk
{
    public abstract ValueTask<RunId> StartAsync(Principal by, PlanId plan, RunRequest request,
        CancellationToken cancel);

    /// <summary>Starts a run of the same plan that takes over the results of another as far as they
    /// hold.</summary>
    public abstract ValueTask<RunId> RetryAsync(Principal by, RunId run, RetryRequest request,
        CancellationToken cancel);

    public abstract ValueTask CancelAsync(Principal by, RunId run, string? reason, CancellationToken cancel);

    public abstract ValueTask ResolveAsync(Principal by, RunId run, string stepId, InDoubtAnswer answer,
        CancellationToken cancel);

    /// <summary>Allows a step that waits for a human to begin, or does not.</summary>
    /// <param name="queue">The answer is for a request in this queue and no other; null for any.</param>
    public abstract ValueTask AnswerAsync(Principal by, RunId run, string stepId, bool granted,
        string? reason, string? queue, CancellationToken cancel);

    /// <summary>What runs goes on, nothing begins.</summary>
    public abstract ValueTask PauseAsync(Principal by, RunId run, string? reason, CancellationToken cancel);

    public abstract ValueTask ResumeAsync(Principal by, RunId run, CancellationToken cancel);

    /// <summary>A door of this node has stored a version of a profile: runs that start from now on have
    /// it.</summary>
    public abstract void ProfileStored(TenancyKeys project, int version);

    /// <summary>Completes when the run's stream may have grown past that version; spurious wake-ups are
    /// allowed.</summary>
    public abstract ValueTask WaitForEventsAsync(RunId run, int version, CancellationToken cancel);
}
