using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>The tools that the key may call.</summary>
    public Task<Listing<Tool>> ListToolsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/tools", ClientJson.Default.ListingTool, cancel);

    /// <summary>One of them, with the JSON schema of its input.</summary>
    public Task<Tool> GetToolAsync(string tool, CancellationToken cancel = default) =>
        GetAsync($"v1/tools/{Escape(tool)}", ClientJson.Default.Tool, cancel);

    /// <summary>Calls a tool as a run of one step. Where <see cref="ToolCall.Ok"/> is null it is not over
    /// yet: a human is asked, or it takes longer than the call waits.</summary>
    public Task<ToolCall> InvokeToolAsync(
        string tool, InvokeTool request, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/tools/{Escape(tool)}:invoke",
            Body(request, ClientJson.Default.InvokeTool), ClientJson.Default.ToolCall, cancel);
}

/// <param name="Effect">pure, idempotent, reconcilable or once.</param>
/// <param name="Scope">What a key must hold to call it.</param>
/// <param name="InputSchema">Left out of lists.</param>
public sealed record Tool(
    string Name, string Description, string Effect, string Scope, JsonElement? InputSchema);

/// <param name="Approve">true, or a text for who shall say yes first.</param>
/// <param name="Wait">How long the server waits for the end, such as 30s; at most 120s.</param>
public sealed record InvokeTool(JsonElement? Input = null, CallPolicy? Policy = null,
    string? Repository = null, string? Ref = null, JsonElement? Approve = null, string? Wait = null);

/// <summary>What a call may do; nothing is allowed that is not named.</summary>
public sealed record CallPolicy(IReadOnlyList<string>? AllowCommands = null,
    IReadOnlyList<string>? EgressAllow = null, decimal? MaxCostUsd = null, long? MaxTimeMs = null);

/// <summary>A call as far as it has come.</summary>
public sealed record ToolCall(string CallId, string RunId, string Status, bool? Ok = null,
    string? Output = null, JsonElement? Outputs = null, CallError? Error = null, int? ExitCode = null,
    decimal? CostUsd = null, string? ApprovalId = null);

public sealed record CallError(string Code, string Message, string? Expected, string? Got, string? Mend);
