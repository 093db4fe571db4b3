using System.Collections.Immutable;

namespace Aegis.Core.Plans;

public enum KeyScope
{
    Workflow,
    Policy,
    Input,
    Defaults,
    Step,
    Retry,
    Foreach,
    Repeat,
    Approve,
    Output,
    Concurrency,
    Github,
    Webhook,
    Schedule,
    Completed,
}

public enum KeyState
{
    /// <summary>Compiled and enforced.</summary>
    Works,

    /// <summary>Part of the language, refused until something enforces it.</summary>
    Later,
}

/// <summary>A key of the workflow language: what the compiler accepts, what docs/dsl.md and
/// contracts/workflow.schema.json must say.</summary>
public sealed record WorkflowKey(KeyScope Scope, string Name, KeyState State, string Type, string Default,
    string Limits);

/// <summary>The whole table.</summary>
public static class WorkflowKeys
{
    private const string TriggerInputs = "map of values";
    private const string TriggerInputsHold = "declared inputs; expressions over context";

    public static ImmutableArray<WorkflowKey> All { get; } =
    [
        Works(KeyScope.Workflow, "name", "string", "required", "1 to 128 characters, one line"),
        Works(KeyScope.Workflow, "on", "string, list or map", "manual", "1 to 32 triggers"),
        Works(KeyScope.Workflow, "policy", "map", "nothing is allowed", ""),
        Works(KeyScope.Workflow, "inputs", "map", "none", "64 inputs"),
        Works(KeyScope.Workflow, "env", "map of text", "none", "256 names; 32 KiB each"),
        Works(KeyScope.Workflow, "defaults", "map", "none", ""),
        Works(KeyScope.Workflow, "timeout", "duration", "none", "1 ms to 366 d"),
        Works(KeyScope.Workflow, "steps", "list", "required", "1 to 10,000"),
        Works(KeyScope.Workflow, "outputs", "map of text or map", "none", "64 outputs"),
        Works(KeyScope.Workflow, "sla", "duration", "none", "1 ms to 366 d"),
        Works(KeyScope.Workflow, "concurrency", "string or map", "none", "1,024 characters"),
        Works(KeyScope.Workflow, "dedupe_key", "string", "none", "1,024 characters"),
        Later(KeyScope.Workflow, "lock", "string or list"),
        Later(KeyScope.Workflow, "finally", "list of steps"),

        Works(KeyScope.Github, "branches", "string or list of globs", "every branch", "64 of 255 characters"),
        Works(KeyScope.Github, "paths", "string or list of globs", "every path", "64; github:push only"),
        Works(KeyScope.Github, "inputs", TriggerInputs, "none", TriggerInputsHold),

        Works(KeyScope.Webhook, "inputs", TriggerInputs, "none", TriggerInputsHold),

        Works(KeyScope.Schedule, "cron", "string", "required", "five fields, 128 characters"),
        Works(KeyScope.Schedule, "timezone", "string", "UTC", "a name of the IANA database"),
        Works(KeyScope.Schedule, "missed", "skip, once or all", "skip", "all: the newest 100"),
        Works(KeyScope.Schedule, "inputs", TriggerInputs, "none", TriggerInputsHold),

        Works(KeyScope.Completed, "workflow", "string", "required", "a registered workflow's name"),
        Works(KeyScope.Completed, "status", "success, failure or any", "any", ""),
        Works(KeyScope.Completed, "inputs", TriggerInputs, "none", TriggerInputsHold),

        Works(KeyScope.Policy, "allow_commands", "list of strings", "none",
            "512 entries; 512 characters each"),
        Works(KeyScope.Policy, "egress_allow", "list of hosts", "none", "256 entries"),
        Works(KeyScope.Policy, "max_cost_usd", "number", "none", "US dollars, 0 to 1,000,000"),
        Works(KeyScope.Policy, "max_agents", "integer", "3", "1 to 16 agents at once in a run"),
        Works(KeyScope.Policy, "max_time_ms", "duration", "none", "1 ms to 366 d"),

        Works(KeyScope.Input, "type", "string, number, boolean or json", "string", ""),
        Works(KeyScope.Input, "required", "boolean", "false", ""),
        Works(KeyScope.Input, "default", "a value of the type", "none", ""),
        Works(KeyScope.Input, "description", "string", "none", "1,024 characters"),

        Works(KeyScope.Defaults, "timeout", "duration", "none", "1 ms to 366 d"),
        Works(KeyScope.Defaults, "retry", "map or number", "no retry", ""),

        Works(KeyScope.Step, "id", "string", "required", "1 to 64 of A-Z a-z 0-9 . _ -; unique without case"),
        Works(KeyScope.Step, "uses", "string", "required", "a tool's name"),
        Works(KeyScope.Step, "with", "map", "empty", "what the tool takes"),
        Works(KeyScope.Step, "if", "expression", "success()", "21,000 characters"),
        Works(KeyScope.Step, "needs", "string or list", "the step above", "ids of steps; [] starts at once"),
        Works(KeyScope.Step, "retry", "map or number", "defaults.retry", ""),
        Works(KeyScope.Step, "timeout", "duration", "defaults.timeout", "1 ms to 366 d"),
        Works(KeyScope.Step, "continue_on_error", "boolean", "false", ""),
        Works(KeyScope.Step, "env", "map of text", "the workflow's env", "256 names; 32 KiB each"),
        Works(KeyScope.Step, "name", "string", "the id", "128 characters"),
        Works(KeyScope.Step, "outputs", "map of text or map", "what the tool leaves", "64 outputs"),
        Works(KeyScope.Step, "foreach", "list, expression or map", "none",
            "10,000 tasks in a run"),
        Works(KeyScope.Step, "repeat", "map", "once", ""),
        Works(KeyScope.Step, "lock", "string or list", "none", "16 names; 1,024 characters each"),
        Works(KeyScope.Step, "approve", "boolean, string or map", "false", ""),
        Works(KeyScope.Step, "sla", "duration", "none", "1 ms to 366 d"),
        Later(KeyScope.Step, "on_retry", "list of steps"),
        Later(KeyScope.Step, "concurrency", "string or map"),
        Later(KeyScope.Step, "dedupe_key", "expression"),

        Works(KeyScope.Retry, "max", "integer", "0", "retries, 0 to 20"),
        Works(KeyScope.Retry, "backoff", "constant, linear or exponential", "exponential", ""),
        Works(KeyScope.Retry, "delay", "duration", "1 s", "0 to 366 d"),
        Works(KeyScope.Retry, "max_delay", "duration", "5 m", "delay to 366 d"),
        Works(KeyScope.Retry, "on", "list or expression", "what may pass by itself",
            "32; codes, classes, exit codes"),

        Works(KeyScope.Foreach, "items", "list or expression", "required", "10,000 tasks in a run"),
        Works(KeyScope.Foreach, "as", "string", "item", "a name that is no context's"),
        Works(KeyScope.Foreach, "parallel", "integer", "as many as there are slots", "1 to 10,000"),

        Works(KeyScope.Repeat, "until", "expression", "required", "4,096 characters"),
        Works(KeyScope.Repeat, "max", "integer", "required", "1 to 1,000"),
        Works(KeyScope.Repeat, "delay", "duration", "0", "0 to 366 d"),

        Works(KeyScope.Approve, "message", "string", "none", "1,024 characters"),
        Works(KeyScope.Approve, "timeout", "duration", "none: it waits", "1 ms to 366 d"),
        Works(KeyScope.Approve, "topic", "string", "default", "64 characters of an id"),

        Works(KeyScope.Output, "value", "string", "required", "text with an expression"),
        Works(KeyScope.Output, "type", "string, number, boolean or json", "any", ""),

        Works(KeyScope.Concurrency, "group", "string", "required", "1,024 characters"),
        Works(KeyScope.Concurrency, "cancel_in_progress", "boolean", "false", ""),
    ];

    private static readonly ImmutableDictionary<KeyScope, ImmutableArray<WorkflowKey>> ByScope =
        All.GroupBy(k => k.Scope).ToImmutableDictionary(g => g.Key, g => g.ToImmutableArray());

    public static ImmutableArray<WorkflowKey> Of(KeyScope scope) => ByScope[scope];

    private static WorkflowKey Works(KeyScope scope, string name, string type, string otherwise,
        string limits) =>
        new(scope, name, KeyState.Works, type, otherwise, limits);

    private static WorkflowKey Later(KeyScope scope, string name, string type) =>
        new(scope, name, KeyState.Later, type, "", "");
}
