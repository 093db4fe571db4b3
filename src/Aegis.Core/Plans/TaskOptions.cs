using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Plans;

/// <summary>What a step asks for beyond one call of its tool. Strings may hold expressions.</summary>
/// <param name="Title">The step's <c>name</c>, for people.</param>
/// <param name="Locks">Resources of the project that no two tasks hold at once.</param>
/// <param name="Outputs">What the step promises to leave under <c>steps.ID.outputs</c>.</param>
/// <param name="Sla">How long it should take; longer is recorded and changes nothing else.</param>
public sealed record TaskOptions(
    string? Title,
    ForeachSpec? Foreach,
    RepeatSpec? Repeat,
    ApprovalSpec? Approve,
    ImmutableArray<string> Locks,
    ImmutableArray<OutputSpec> Outputs,
    TimeSpan? Sla)
{
    public static TaskOptions None { get; } = new(null, null, null, null, [], [], null);

    /// <summary>What each task of a group takes over from the step.</summary>
    public TaskOptions ForChild => this with { Foreach = null, Repeat = null, Approve = null };

    /// <summary>What a turn of an agent takes over: what the step promises is promised by its end.</summary>
    public TaskOptions ForTurn => ForChild with { Outputs = [], Sla = null };
}

/// <summary>One task per item.</summary>
/// <param name="Items">An array, or a text that is one expression.</param>
/// <param name="As">The name by which expressions read the item, besides <c>item</c>.</param>
/// <param name="Parallel">How many run at once; null for as many as there are slots.</param>
public sealed record ForeachSpec(JsonElement Items, string As, int? Parallel);

/// <summary>The step again and again, until its own result satisfies the condition.</summary>
/// <param name="Max">Iterations, 1 to 1,000.</param>
public sealed record RepeatSpec(string Until, int Max, TimeSpan Delay);

/// <summary>A human says yes before the step begins.</summary>
/// <param name="Timeout">After it no answer is a no; null waits for ever.</param>
/// <param name="Topic">What the answer is about; the profile says whose queue that is.</param>
public sealed record ApprovalSpec(string? Message, TimeSpan? Timeout, string? Topic = null);

/// <summary>A named output: a contract where a type is given.</summary>
public sealed record OutputSpec(string Name, string Value, InputType? Type);

/// <summary>Says that a task belongs to a group: an item of a foreach, an iteration of a repeat, or a task
/// that a step added.</summary>
/// <param name="Group">Index of the group's own task.</param>
/// <param name="Number">From 0 within the group.</param>
/// <param name="Item">The foreach item.</param>
/// <param name="Turn">It is a turn of an agent's loop.</param>
public sealed record GroupMember(int Group, int Number, JsonElement? Item, bool Turn = false);
