using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Plans.Triggers;

namespace Aegis.Core.Plans;

/// <summary>A validated DAG of tasks, compiled from a workflow. Tasks stand in topological order: every index
/// in <see cref="PlanTask.Needs"/> is smaller than the task's own.</summary>
public sealed record Plan(
    string Name,
    string WorkflowHash,
    ImmutableArray<Trigger> On,
    PlanPolicy Policy,
    ImmutableArray<InputSpec> Inputs,
    ImmutableSortedDictionary<string, string> Env,
    TimeSpan? Timeout,
    ImmutableArray<PlanTask> Tasks)
{
    /// <summary>Named outputs of the whole run.</summary>
    public ImmutableArray<OutputSpec> Outputs { get; init; } = [];

    /// <summary>How long a run should take; longer is recorded and changes nothing else.</summary>
    public TimeSpan? Sla { get; init; }

    public ConcurrencySpec? Concurrency { get; init; }

    /// <summary>Two starts with the same value are one run.</summary>
    public string? DedupeKey { get; init; }
}

/// <summary>Runs of one group come one after the other.</summary>
/// <param name="Group">A text that may hold expressions of inputs and context.</param>
/// <param name="CancelInProgress">A newer run cancels the one that runs; otherwise it waits, and only the
/// newest waits.</param>
public sealed record ConcurrencySpec(string Group, bool CancelInProgress);

/// <summary>A node of a plan: one step of the workflow.</summary>
/// <param name="With">The tool's input as a JSON object whose strings may hold expressions.</param>
/// <param name="WithIsConstant">True when no string in With or Env holds an expression.</param>
public sealed record PlanTask(
    int Index,
    string StepId,
    string Tool,
    JsonElement With,
    bool WithIsConstant,
    string? If,
    ImmutableArray<int> Needs,
    RetrySpec Retry,
    TimeSpan? Timeout,
    bool ContinueOnError,
    ImmutableSortedDictionary<string, string> Env,
    int Line)
{
    public TaskOptions Options { get; init; } = TaskOptions.None;

    /// <summary>Where the step asks for hashes of files.</summary>
    public HashUse Hashes { get; init; }

    /// <summary>Null for a task of the workflow itself.</summary>
    public GroupMember? Member { get; init; }
}

/// <summary>The workflow's policy block. Null lists mean that the key was absent: nothing is
/// allowed.</summary>
public sealed record PlanPolicy(
    ImmutableArray<string> AllowCommands,
    ImmutableArray<string> EgressAllow,
    decimal? MaxCostUsd,
    TimeSpan? MaxTime)
{
    /// <summary>Agents that work at once in a run, where the file does not say.</summary>
    public const int AgentsDefault = 3;

    public const int AgentsMax = 16;

    /// <summary>How many agents work at once in a run; null where the file does not say.</summary>
    public int? Agents { get; init; }

    /// <summary>The same where a profile has its own: what it says is the default, and the most.</summary>
    public int AgentsUnder(int? profile) => Math.Min(Agents ?? profile ?? AgentsDefault,
        profile ?? AgentsMax);
}

/// <summary>How often and when a failed attempt is tried again. Max counts retries, 0 to 20.</summary>
public sealed record RetrySpec(int Max, BackoffKind Backoff, TimeSpan Delay, TimeSpan DelayMax)
{
    /// <summary>What is tried again; null for everything that could succeed another time.</summary>
    public RetryOn? On { get; init; }

    public static RetrySpec None { get; } =
        new(0, BackoffKind.Exponential, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
}

public enum BackoffKind
{
    Constant,
    Linear,
    Exponential,
}

public enum InputType
{
    String,
    Number,
    Boolean,
    Json,
}

/// <summary>A typed input of a workflow.</summary>
public sealed record InputSpec(string Name, InputType Type, bool Required, JsonElement? Default,
    string? Description);
