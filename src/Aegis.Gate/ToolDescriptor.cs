using System.Collections.Immutable;

namespace Aegis.Gate;

/// <summary>What an act leaves behind if the process dies in the middle of it; recovery follows from
/// it.</summary>
public enum ToolEffect
{
    /// <summary>Nothing: run it again.</summary>
    Pure,

    /// <summary>Running it again from the start gives the same end state (a sandboxed command: its overlay is
    /// discarded with the attempt).</summary>
    Idempotent,

    /// <summary>The outside can be asked whether it happened: <see cref="Tool.ProbeAsync"/> comes
    /// first.</summary>
    Reconcilable,

    /// <summary>Cannot be repeated and cannot be asked: a human decides (TaskInDoubt).</summary>
    Once,
}

/// <summary>What the catalogue knows of a tool.</summary>
/// <param name="Name">Dotted, as in a workflow's <c>uses</c>.</param>
/// <param name="Scope">The scope a caller must hold, such as <c>tools:shell</c>.</param>
/// <param name="UsesWorkspace">True when the engine must open an overlay for the attempt.</param>
/// <param name="RunsInline">True only for tools that return without waiting and within microseconds.</param>
/// <param name="Programs">Programs that the tool itself starts; allowing the tool allows these.</param>
public sealed record ToolDescriptor(string Name, string Scope, ToolEffect Effect, string Description,
    bool UsesWorkspace = false, bool RunsInline = false, ImmutableArray<string> Programs = default)
{
    /// <summary>Its answer means something to the run that it is a step of, and to nobody else.</summary>
    public bool NeedsRun { get; init; }

    /// <summary>A step with it is a loop of turns, each a task; a turn makes calls of its own.</summary>
    public bool RunsTurns { get; init; }

    /// <summary>An agent may call it: a death in the middle of the call leaves nothing that a second call
    /// would double, it asks no model, and it waits for nobody.</summary>
    public bool IsForAgents => Effect is ToolEffect.Pure or ToolEffect.Idempotent && !NeedsRun && !RunsTurns
        && !WaitsForPeople && Scope != Core.Plans.Review.ToolFact.ModelScope;

    /// <summary>It leaves nothing behind, so a call outside of a run needs no more than its record.</summary>
    public bool AnswersAtOnce => Effect == ToolEffect.Pure && !UsesWorkspace && !NeedsRun;

    /// <summary>It takes as long as somebody likes, so it must not hold up what works.</summary>
    public bool WaitsForPeople { get; init; }
}
