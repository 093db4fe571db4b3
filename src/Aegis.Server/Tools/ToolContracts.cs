using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Server.Json;

namespace Aegis.Server.Tools;

/// <summary>One call of a tool.</summary>
public sealed record InvokeToolRequest : DoorRequest
{
    public JsonElement? Input { get; init; }

    public CallPolicyRequest? Policy { get; init; }

    /// <summary>A repository of the project; checked out at /work/app before the call.</summary>
    public string? Repository { get; init; }

    public string? Ref { get; init; }

    /// <summary>true, or a text for who shall say yes before the call.</summary>
    public JsonElement? Approve { get; init; }

    /// <summary>How long to wait for the end: milliseconds, or a text such as 30s.</summary>
    public JsonElement? Wait { get; init; }
}

/// <summary>What the call may do, as a workflow's policy says it. Nothing is allowed that is not
/// named.</summary>
public sealed record CallPolicyRequest
{
    public IReadOnlyList<string>? AllowCommands { get; init; }

    public IReadOnlyList<string>? EgressAllow { get; init; }

    public decimal? MaxCostUsd { get; init; }

    public long? MaxTimeMs { get; init; }
}

/// <param name="Effect"><c>pure</c>, <c>idempotent</c>, <c>reconcilable</c> or <c>once</c>.</param>
/// <param name="Scope">What a key must hold to call it.</param>
/// <param name="InputSchema">JSON schema 2020-12; left out of lists.</param>
public sealed record ToolAnswer(
    string Name, string Description, string Effect, string Scope, JsonElement? InputSchema)
{
    public static ToolAnswer Of(Tool tool, bool withSchema) => new(tool.Descriptor.Name,
        tool.Descriptor.Description, JsonNamingPolicy.SnakeCaseLower.ConvertName($"{tool.Descriptor.Effect}"),
        tool.Descriptor.Scope, withSchema ? tool.Schema : null);
}

/// <summary>A call as far as it has come. What is left out is not known yet.</summary>
/// <param name="CallId">As the ledger's ToolCalled and ToolReturned name it.</param>
/// <param name="Status">The run's, or <c>waiting_approval</c>.</param>
public sealed record ToolCallAnswer(string CallId, string RunId, string Status)
{
    public bool? Ok { get; init; }

    public string? Output { get; init; }

    public JsonElement? Outputs { get; init; }

    public CallErrorAnswer? Error { get; init; }

    public int? ExitCode { get; init; }

    public decimal? CostUsd { get; init; }

    /// <summary>Of <c>/v1/approvals</c>, where a human is asked.</summary>
    public string? ApprovalId { get; init; }
}

public sealed record CallErrorAnswer(
    string Code, string Message, string? Expected, string? Got, string? Mend)
{
    public static CallErrorAnswer? Of(AegisError? e) =>
        e is null ? null : new(e.Code, e.Message, e.Expected, e.Got, e.Mend);
}
