using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Engine;
using Aegis.Engine.Schedules;
using Aegis.Gate;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;
using Aegis.Server.Tools;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace Aegis.Server.Mcp;

/// <summary>Tools as MCP shows and calls them. The list is what the gate would let the caller call; a call is
/// judged by the gate again. A tool that answers at once is called right here; every other becomes a run of
/// one step, and what the client gets is what the run came to.</summary>
internal sealed class McpTools(DoorParts parts, McpPeers peers)
{
    /// <summary>Tools on a page of the list.</summary>
    public const int PageMax = 500;

    private static readonly JsonElement NoInput = JsonElement.Parse("{}");
    private readonly ConcurrentDictionary<Gate.Tool, Tool> shown = new();

    public async ValueTask<ListToolsResult> ListAsync(
        RequestContext<ListToolsRequestParams> context, CancellationToken cancel)
    {
        var caller = McpCaller.Of(context);
        var found = (await parts.ToolDesk.OfAsync(caller.Principal, cancel))
            .Where(t => Unreachable(caller, t) is null);
        if (context.Params?.Cursor is { } after)
        {
            found = found.Where(t => string.CompareOrdinal(t.Descriptor.Name, after) > 0);
        }
        var page = found.Take(PageMax + 1).ToList();
        return new ListToolsResult
        {
            Tools = [.. page.Take(PageMax).Select(t => shown.GetOrAdd(t, McpToolShape.Of))],
            TimeToLive = McpWire.Fresh,
            CacheScope = CacheScope.Private,
            NextCursor = page.Count > PageMax ? page[PageMax - 1].Descriptor.Name : null,
        };
    }

    public async ValueTask<CallToolResult> CallAsync(
        RequestContext<CallToolRequestParams> context, CancellationToken cancel)
    {
        var caller = McpCaller.Of(context);
        try
        {
            var input = Input(context.Params.Arguments);
            var tool = await parts.ToolDesk.GetAsync(caller.Principal, context.Params.Name, cancel);
            if (Unreachable(caller, tool) is { } refusal)
            {
                return McpErrors.Answer(refusal);
            }
            return tool.Descriptor.AnswersAtOnce
                ? await AtOnceAsync(context, caller, tool, input, cancel)
                : await AsRunAsync(context, caller, tool, input, cancel);
        }
        catch (AegisException e)
        {
            return McpErrors.Answer(e.Error);
        }
        catch (WorkflowRejectedException e)
        {
            return McpErrors.Answer(e.Diagnostics[0].Error);
        }
    }

    private async ValueTask<CallToolResult> AtOnceAsync(RequestContext<CallToolRequestParams> context,
        McpCaller caller, Gate.Tool tool, JsonElement input, CancellationToken cancel)
    {
        var session = await caller.Calls.OpenAsync(cancel);
        await using var peer = peers.Of(
            context, context.Params, $"{tool.Descriptor.Name}/{input.GetRawText()}", cancel);
        var outcome = await parts.CallDesk.CallAsync(
            session, tool.Descriptor.Name, input, peer, cancel);
        return outcome is { Denied: true, Result.Error: { } denial }
            ? McpErrors.Answer(denial, McpErrors.Why(null, outcome.RetryAfter))
            : McpToolShape.Answer(outcome.Result);
    }

    /// <summary>The client waits as long as it likes, and hears how far the run has come where it asked for
    /// that; when it cancels, so is the run.</summary>
    private async ValueTask<CallToolResult> AsRunAsync(RequestContext<CallToolRequestParams> context,
        McpCaller caller, Gate.Tool tool, JsonElement input, CancellationToken cancel)
    {
        var (name, by) = (tool.Descriptor.Name, caller.Principal);
        var policy = McpPolicy.Of(context.Params.Meta);
        var start = new CallStart(name, input, policy.Policy, "mcp")
        {
            Repository = policy.Repository,
            Ref = policy.Ref,
        };
        var admission = await start.JudgeAsync(by, parts, cancel);
        if (admission is { Denial: { } denial, Asks: false })
        {
            return McpErrors.Answer(denial, McpErrors.Why(admission.Rule, admission.RetryAfter));
        }
        // its id is known before it begins, or its first steps would find nobody who wants to hear of them
        var run = new RunId(FreshRunId.At(parts.Time.GetUtcNow()));
        await using var progress = context.Params.ProgressToken is null ? null
            : new RunProgress(parts, caller, run, peers.Of(context, context.Params, name, cancel), cancel);
        await start.StartAsync(by, parts, run, cancel);
        // from here on there is something that a cancellation ends
        var watch = new CallWatch(
            new EventFollower(parts, caller.Keys, caller.Token, run.Value), parts, run)
        {
            Saw = progress is null ? null : fact => progress.SawAsync(run.Value, fact),
        };
        try
        {
            await (progress?.BeginAsync() ?? ValueTask.CompletedTask);
            var answer = await watch.UntilAsync(DoorLimits.CallWaitMax, cancel);
            return McpToolShape.Answer(answer);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await parts.RunDesk.CancelAsync(by, run, "the MCP client cancelled the call",
                CancellationToken.None);
            throw;
        }
    }

    /// <summary>What becomes a run needs what the door of runs needs; list and call ask here
    /// alike.</summary>
    private static AegisError? Unreachable(McpCaller caller, Gate.Tool tool) =>
        tool.Descriptor.AnswersAtOnce || caller.Holds(Scopes.RunsWrite)
            ? null
            : DoorErrors.ScopeMissing(Scopes.RunsWrite);

    private static JsonElement Input(IDictionary<string, JsonElement>? arguments) =>
        arguments is null or { Count: 0 } ? NoInput : JsonSerializer.SerializeToElement(
            arguments, DoorJson.Default.IDictionaryStringJsonElement);
}
