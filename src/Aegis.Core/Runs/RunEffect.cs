using System.Text.Json;

namespace Aegis.Core.Runs;

/// <summary>What the shell does after the commit: data, carried out by the engine.</summary>
public abstract record RunEffect
{
    private RunEffect()
    {
    }

    /// <summary>Ask for a slot of the node and tenant; answered by <c>GrantSlot</c>.</summary>
    public sealed record AcquireSlot(int Index) : RunEffect;

    /// <summary>Take these resources of the project, all at once; answered by <c>LocksGranted</c>.</summary>
    public sealed record AcquireLocks(int Index, System.Collections.Immutable.ImmutableArray<string> Names)
        : RunEffect;

    /// <summary>Give back what a task holds or waits for.</summary>
    public sealed record ReleaseLocks(int Index) : RunEffect;

    /// <summary>Carry out an attempt through the gate; answered by <c>TaskReturned</c>.</summary>
    /// <param name="Grant">What a human let pass for this very call.</param>
    public sealed record Execute(int Index, int Attempt, JsonElement Input,
        System.Collections.Immutable.ImmutableSortedDictionary<string, string> Env,
        GateGrant? Grant = null) : RunEffect;

    /// <summary>Ask the outside whether an attempt's act took place; answered by
    /// <c>ProbeAnswered</c>.</summary>
    public sealed record Probe(int Index, int Attempt, JsonElement Input,
        System.Collections.Immutable.ImmutableSortedDictionary<string, string> Env) : RunEffect;

    /// <summary>Send <c>RetryDue</c> at that time.</summary>
    public sealed record WakeAt(int Index, DateTimeOffset At) : RunEffect;

    /// <summary>End the running attempt's process tree; it answers with <c>TaskReturned</c>.</summary>
    public sealed record Interrupt(int Index, int Attempt) : RunEffect;

    /// <summary>Hash the files that a task sees, for each of these lists of patterns; answered by
    /// <c>HashesMade</c>.</summary>
    public sealed record HashFiles(int Index,
        System.Collections.Immutable.ImmutableArray<
            System.Collections.Immutable.ImmutableArray<string>> Patterns) : RunEffect;

    /// <summary>Start the run that a step stands on, unless it is there already, and have its end told:
    /// <c>ChildEnded</c>.</summary>
    public sealed record StartChild(int Index, string RunId, Children.ChildRequest Request) : RunEffect;

    /// <summary>Have a step's run do what this one does: stop, pause, go on.</summary>
    public sealed record SteerChild(int Index) : RunEffect;

    /// <summary>The run has ended: drop it from memory.</summary>
    public sealed record Ended : RunEffect;
}
