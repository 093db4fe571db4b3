using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp;

/// <summary>Our errors in the protocol's two forms: what a tool came to is an answer of the tool, so that a
/// model can read it and mend its call; what is wrong with the message itself is an error of the
/// protocol.</summary>
internal static class McpErrors
{
    public static AegisError NoSession { get; } = new("AEGIS6200", "there is no such session",
        "an open session of this key", null, "send initialize again");

    public static AegisError Unreadable { get; } = new("AEGIS6203", "the body is no JSON-RPC message",
        "one JSON-RPC 2.0 request, notification or response", null, "see docs/mcp.md");

    public static AegisError Foreign(string what) => new("AEGIS6208",
        "the request comes from another site", "this server's own name", what,
        "call the server by its own name, or have the operator name the origin in AEGIS_ALLOWED_ORIGINS");

    public static AegisError TooManySessions(int max) => new("AEGIS6201",
        "no further session can be opened", $"at most {max}", null, "close sessions with DELETE /mcp");

    public static AegisError OtherProfile(string named) => new("AEGIS6202",
        "the request names another profile than the project's", "the project's profile_id", named,
        "leave profile_id out");

    public static AegisError NotAcceptable { get; } = new("AEGIS6212", "the answer would not be accepted",
        "Accept: application/json, text/event-stream", null, "send that header");

    public static AegisError NoSessions { get; } = new("AEGIS6213", "version 2026-07-28 has no sessions",
        "POST", null, "send requests with POST");

    public static AegisError HasStream { get; } = new("AEGIS6214", "this session has its stream already",
        "one GET at a time", null, "read the stream that is there");

    public static AegisError Removed(string method) => new("AEGIS6213",
        "version 2026-07-28 has no such method", "a method of that version", method,
        "use 2025-11-25, or what that version has in its place");

    public static AegisError Headers(string what) => new("AEGIS6204", what, null, null,
        "send the headers as version 2026-07-28 says");

    public static AegisError Missing(string what, string got) => new("AEGIS6209",
        $"there is no such {what}", null, got, $"list the {what}s again");

    public static AegisError TooLarge(string uri, long bytes) => new("AEGIS6210",
        $"{uri} is too large to be read this way", $"at most {DoorLimits.McpResourceBytesMax} bytes",
        $"{bytes}", "download it: GET /v1/artifacts/{artifact}/content");

    public static AegisError TooManyWatches { get; } = new("AEGIS6201",
        "the session watches as many resources as it may", $"at most {DoorLimits.McpWatchesMax}",
        "one more", "unsubscribe from one");

    public static AegisError BadState { get; } = new("AEGIS6211",
        "the request's state cannot be believed",
        "requestState as the answer before gave it, for the same call", null,
        "begin the call anew, without requestState");

    public static AegisError BadReply { get; } = new("AEGIS6211",
        "a reply in inputResponses cannot be read", "a result of the request that was asked", null,
        "answer with the form that the request's method has");

    public static AegisError NobodyToAsk(string what) => new("AEGIS6205",
        $"the client cannot be asked: {what}", "a client with that capability", null,
        "call from such a client, or give the answer as input");

    public static AegisError GoesOn(string run) => new("AEGIS6207",
        "the call goes on as a run", "its end", $"run {run}", $"look at run {run} later");

    /// <summary>Code, expected, got and mend as JSON; null members are left out.</summary>
    public static JsonObject Data(AegisError error)
    {
        var data = new JsonObject { ["code"] = error.Code, ["message"] = error.Message };
        Add("expected", error.Expected);
        Add("got", error.Got);
        Add("mend", error.Mend);
        return data;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                data[name] = value;
            }
        }
    }

    /// <summary>By which rule, and when the same call would pass.</summary>
    public static JsonObject Why(string? rule, TimeSpan retryAfter)
    {
        var why = new JsonObject();
        if (rule is not null)
        {
            why["rule"] = rule;
        }
        if (retryAfter > TimeSpan.Zero)
        {
            why["retry_after_ms"] = Math.Ceiling(retryAfter.TotalMilliseconds);
        }
        return why;
    }

    public static CallToolResult Answer(AegisError error, JsonObject? more = null)
    {
        var data = Data(error);
        foreach (var (name, value) in more ?? [])
        {
            data[name] = value?.DeepClone();
        }
        return new CallToolResult
        {
            IsError = true,
            Content = [new TextContentBlock { Text = error.ToString() }],
            Meta = new JsonObject { ["aegis/error"] = data },
        };
    }

    /// <summary>For what is no tool: an error of the protocol with the same members.</summary>
    public static McpProtocolException Protocol(
        AegisError error, McpErrorCode code = McpErrorCode.InvalidParams)
    {
        var failure = new McpProtocolException(error.ToString(), code);
        foreach (var (name, value) in Data(error))
        {
            failure.Data[name] = value!.GetValue<string>();
        }
        return failure;
    }
}
