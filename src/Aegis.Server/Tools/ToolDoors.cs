using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Engine;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Idempotency;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Tools;

/// <summary>Tools: listed, looked at, called. What is listed is what the gate would let the caller
/// call.</summary>
public static class ToolDoors
{
    private static readonly JsonElement NoInput = JsonElement.Parse("{}");

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/tools", http => ListAsync(http, parts)).RequireScope(Scopes.Any)
            .Describe("listTools", "The tools that the key may call",
                door => door.Page().Answers(DoorJson.Default.ListingToolAnswer));
        routes.MapGet("/v1/tools/{tool}", http => GetAsync(http, parts)).RequireScope(Scopes.Any)
            .WithEntityTag()
            .Describe("getTool", "A tool with the schema of its input", door => door
                .Answers(DoorJson.Default.ToolAnswer).Refuses("AEGIS2002", "AEGIS2003", "AEGIS2502"));
        routes.MapPost("/v1/tools/{tool}:invoke", http => InvokeAsync(http, parts))
            .RequireScope(Scopes.RunsWrite)
            .Describe("invokeTool", "Calls a tool as a durable run of one step", door => door
                .Saying("200 once it has ended, 202 while it goes on or a human is asked.")
                .Header("Prefer", "wait=SECONDS: how long to wait where the body does not say.")
                .Reads(DoorJson.Default.InvokeToolRequest).Answers(DoorJson.Default.ToolCallAnswer)
                .Answers(DoorJson.Default.ToolCallAnswer, StatusCodes.Status202Accepted).Idempotent()
                .Refuses("AEGIS1140", "AEGIS1141", "AEGIS2001", "AEGIS2002", "AEGIS2003", "AEGIS2161",
                    "AEGIS2502", "AEGIS2503", "AEGIS2504", "AEGIS2506",
                    "AEGIS2508", "AEGIS6040"));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var tools = await parts.ToolDesk.OfAsync(http.Caller().Principal, http.RequestAborted);
        await Listings.WriteAsync(http, tools.Select(t => ToolAnswer.Of(t, false)), t => t, t => t.Name,
            DoorJson.Default.ListingToolAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var tool = await parts.ToolDesk.GetAsync(
            http.Caller().Principal, Query.Route(http, "tool"), http.RequestAborted);
        await Body.WriteAsync(http, ToolAnswer.Of(tool, true), DoorJson.Default.ToolAnswer);
    }

    /// <summary>The call's end is waited for, as long as the caller likes to wait.</summary>
    private static async Task InvokeAsync(HttpContext http, DoorParts parts)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.InvokeToolRequest);
        var (wait, approve) = (Wait(http, request), Approve(request.Approve));
        var start = new CallStart(Query.Route(http, "tool"), request.Input ?? NoInput,
            request.Policy ?? new CallPolicyRequest(), "tool")
        {
            Approve = approve, Repository = request.Repository, Ref = request.Ref,
        };
        if (await start.RunAsync(http, parts) is { } run)
        {
            await AnswerAsync(
                http, await new CallWatch(http, parts, run).UntilAsync(wait, http.RequestAborted));
        }
    }

    private static Task AnswerAsync(HttpContext http, ToolCallAnswer answer)
    {
        http.Response.Headers.Location = answer.ApprovalId is { } approval
            ? $"/v1/approvals/{approval}"
            : $"/v1/runs/{answer.RunId}";
        return Body.WriteAsync(http, answer, DoorJson.Default.ToolCallAnswer,
            answer.Ok is null ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    /// <summary>The body's word, which is held to the limit; else the header's, which is a wish (RFC
    /// 7240).</summary>
    private static TimeSpan Wait(HttpContext http, InvokeToolRequest request)
    {
        if (request.Wait is not { } asked)
        {
            return Preferred(http.Request) is { } wish
                ? TimeSpan.FromSeconds(Math.Min(wish, DoorLimits.CallWaitMax.TotalSeconds))
                : DoorLimits.CallWait;
        }
        var read = asked.ValueKind == JsonValueKind.Number && asked.TryGetInt64(out var ms) && ms >= 0
            && ms <= DoorLimits.CallWaitMax.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(ms)
            : asked.ValueKind == JsonValueKind.String && Duration.TryParse(asked.GetString()!, out var span)
                ? span : (TimeSpan?)null;
        return read is { } wait && wait <= DoorLimits.CallWaitMax
            ? wait
            : throw new AegisException(DoorErrors.Malformed("wait is no duration within bounds",
                $"0 to {DoorLimits.CallWaitMax.TotalSeconds} s, as milliseconds or a text such as 30s",
                asked.GetRawText()));
    }

    private static long? Preferred(HttpRequest request)
    {
        foreach (var wish in request.Headers["Prefer"].SelectMany(h => (h ?? "").Split(',', ';')))
        {
            if (wish.Trim().Split('=', 2) is [var name, var value]
                && name.Trim().Equals("wait", StringComparison.OrdinalIgnoreCase)
                && long.TryParse(value.Trim(), System.Globalization.NumberStyles.None, null, out var seconds))
            {
                return seconds;
            }
        }
        return null;
    }

    private static string? Approve(JsonElement? approve) => approve?.ValueKind switch
    {
        null or JsonValueKind.False => null,
        JsonValueKind.True => "",
        JsonValueKind.String when approve.Value.GetString() is { Length: > 0 } words => words,
        _ => throw new AegisException(DoorErrors.Malformed("approve is malformed",
            "true, false, or what to ask", approve.Value.GetRawText())),
    };
}
