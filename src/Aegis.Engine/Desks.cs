using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Engine;

/// <summary>Where plans are made; throws <see cref="WorkflowRejectedException"/> with every error at once.</summary>
public abstract class PlanDesk
{
    public abstract ValueTask<PlanView> CreateAsync(Principal by, ReadOnlyMemory<byte> workflow, string fileName,
        JsonElement? inputs, CancellationToken cancel);
}

public sealed record PlanView(string PlanId, string Name, string WorkflowHash, ImmutableArray<PlanTaskView> Tasks);

public sealed record PlanTaskView(string StepId, string Tool, ImmutableArray<string> Needs);

/// <param name="Context">What set the run off: branch, sha, actor, event and so on.</param>
public sealed record RunRequest(JsonElement? Inputs, JsonElement? Context, string? Repository, string? Ref);

/// <summary>A human's answer for a task whose effect is unknown.</summary>
public enum InDoubtAnswer
{
    Done,
    Retry,
    Fail,
}

/// <summary>Where runs are started and steered.</summary>
public abstract class RunDesk
{
    public abstract ValueTask<RunId> StartAsync(Principal by, PlanId plan, RunRequest request,
        CancellationToken cancel);

    /// <summary>Throws <see cref="AegisException"/> when the run is unknown or has ended.</summary>
    public abstract ValueTask CancelAsync(Principal by, RunId run, string? reason, CancellationToken cancel);

    public abstract ValueTask ResolveAsync(Principal by, RunId run, string stepId, InDoubtAnswer answer,
        CancellationToken cancel);

    /// <summary>Completes when the run's stream may have grown past a version; spurious wake-ups are allowed.</summary>
    public abstract ValueTask WaitForEventsAsync(RunId run, int version, CancellationToken cancel);
}

/// <summary>A workflow that does not compile, with every error of the file.</summary>
public sealed class WorkflowRejectedException(ImmutableArray<Diagnostic> diagnostics)
    : Exception($"{diagnostics.Length} errors in the workflow")
{
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;
}
