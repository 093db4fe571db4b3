using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Triggers;
using Aegis.Core.Runs.Events;
using Aegis.Gate;

namespace Aegis.Engine;

/// <summary>A workflow that is no plan; carries every error at once.</summary>
public sealed class WorkflowRejectedException(ImmutableArray<Diagnostic> diagnostics)
    : Exception($"{diagnostics.Length} errors in the workflow; first: {diagnostics[0]}")
{
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;
}

public sealed record PlanView(
    string PlanId, string Name, string WorkflowHash, ImmutableArray<PlanTaskView> Tasks)
{
    /// <summary>What starts the workflow once it is registered.</summary>
    public ImmutableArray<Trigger> Triggers { get; init; } = [new ManualTrigger()];
}

public sealed record PlanTaskView(string StepId, string Tool, ImmutableArray<string> Needs);

/// <summary>What a run is started with.</summary>
/// <param name="Inputs">A JSON object of the workflow's inputs.</param>
/// <param name="Context">The trigger: branch, sha, actor, event.</param>
/// <param name="Repository">A repository of the project at the local forge; checked out at /work/app.</param>
/// <param name="Ref">A branch; null for the default one.</param>
/// <param name="Freeze">A step that fails for good keeps its workspace and waits for a human.</param>
/// <param name="Id">The run's id where it was chosen before, so that a start tried twice makes one
/// run.</param>
/// <param name="DedupeKey">Starts of the project with the same key are one run; null for the workflow's own
/// dedupe_key.</param>
public sealed record RunRequest(JsonElement? Inputs, JsonElement? Context, string? Repository, string? Ref,
    RunId? Id = null, bool Freeze = false, string? DedupeKey = null)
{
    /// <summary>Text with expressions over the context that become the inputs, as triggers give
    /// them.</summary>
    public JsonElement? InputTemplates { get; init; }

    /// <summary>Values that become inputs where the workflow declares one of their name, instead of
    /// <see cref="Inputs"/>.</summary>
    public ImmutableSortedDictionary<string, string>? Offered { get; init; }

    /// <summary>A run of this id may be there already: then it is this request's, which came
    /// before.</summary>
    public bool MayBeThere { get; init; }

    /// <summary>A frozen step whose files the run's step <see cref="FrozenStep.StepId"/> left.</summary>
    public FrozenStep? Over { get; init; }

    /// <summary>The repository at a known commit; it goes before Repository and Ref.</summary>
    internal RepositoryRef? At { get; init; }

    /// <summary>The step of another run that this one is started for.</summary>
    internal ParentRef? Parent { get; init; }

    /// <summary>Concurrency groups that the run may not be in.</summary>
    internal ImmutableHashSet<string> GroupsAbove { get; init; } = [];
}

/// <summary>What a run is retried with.</summary>
/// <param name="From">Steps to run again, with all that stands on them; empty for every one that
/// failed.</param>
/// <param name="Inputs">Edits of the run's inputs, by name.</param>
/// <param name="Context">Edits of its context, by name.</param>
/// <param name="Id">The new run's id where it was chosen before; a run of this id that is there already is
/// this request's.</param>
/// <param name="With">Edits of steps' own inputs: <c>{step: {member: value}}</c>.</param>
public sealed record RetryRequest(ImmutableArray<string> From, JsonElement? Inputs = null,
    JsonElement? Context = null, JsonElement? With = null, string? Reason = null, RunId? Id = null);

public enum InDoubtAnswer
{
    Done,
    Retry,
    Fail,
}
