using System.Collections.Immutable;

namespace Aegis.Core.Runs.Events;

/// <summary>The only fact of a plan's own stream: the workflow it was compiled from. Source is the file's
/// text, or left out where it is over 64 KiB and stands in Blobs as SourceBlob.</summary>
public sealed record PlanCreated(string PlanId, string Name, string WorkflowHash, string File, string? Source,
    string? SourceBlob, string Actor, ImmutableArray<PlanCreatedTask> Tasks) : RunEvent;

public sealed record PlanCreatedTask(string StepId, string Tool, ImmutableArray<string> Needs);
