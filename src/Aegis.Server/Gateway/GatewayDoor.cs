using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Models;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Gateway;

/// <summary>One door of the gateway: 1. the body's outline; 2. the gate's word on it, as on every call; 3.
/// the call, streamed or whole; 4. the answer, or what went wrong, in the client's protocol.</summary>
internal sealed class GatewayDoor(
    DoorParts parts, GatewaySessions sessions, WireProtocol protocol, AnswerKind kind)
{
    private const string CallHeader = "x-aegis-call-id";

    public async Task PostAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        var call = GatewayHeaders.Apply(http.Request.Headers,
            GatewayBody.Read(await BodyAsync(http), http.Request.ContentType, protocol, kind));
        var session = await sessions.OfAsync(http.Caller().Principal, cancel);
        var client = new ModelClient(call, call.Stream ? () => Begin(http) : null);
        var outcome = await parts.CallDesk.ModelAsync(session, GatewayBody.ToolOf(kind),
            GatewayBody.Input(call), client, id => http.Response.Headers[CallHeader] = id, cancel);
        if (client.End is not { } end)
        {
            await RefuseAsync(http, outcome);
            return;
        }
        if (end.HasBegun || (end.Failure is null && end.Body.IsEmpty))
        {
            return;
        }
        Tell(http.Response, end);
        var (status, type, body) = end.Failure is { } failure
            ? (failure.Status, "application/json", FailureBodies.Write(failure, protocol))
            : (StatusCodes.Status200OK, end.ContentType, end.Body);
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body, cancel);
    }

    private static PipeWriter Begin(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        // a proxy that gathers an answer before it sends it is asked not to
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return http.Response.BodyWriter;
    }

    private static void Tell(HttpResponse response, ModelCallEnd end)
    {
        // a stream that never began leaves nothing of its beginning
        response.Headers.Remove("Cache-Control");
        response.Headers.Remove("X-Accel-Buffering");
        if (end.Use is { } use)
        {
            response.Headers["x-aegis-model"] = $"{Plain(use.Provider)}/{Plain(use.Model)}";
            response.Headers["x-aegis-origin"] = use.Origin;
            response.Headers["x-aegis-cost-usd"] = use.CostUsd.ToString(CultureInfo.InvariantCulture);
        }
        RetryAfter(response, end.RetryAfter);
    }

    // a profile may give a model any name, a header not
    private static string Plain(string name) =>
        Ascii.IsValid(name) && !name.Any(char.IsControl) ? name : Uri.EscapeDataString(name);

    private static Task RefuseAsync(HttpContext http, CallOutcome outcome)
    {
        if (outcome.RetryAfter > TimeSpan.Zero)
        {
            RetryAfter(http.Response, outcome.RetryAfter);
        }
        return ProblemWriter.WriteAsync(http, outcome.Result.Error!);
    }

    private static void RetryAfter(HttpResponse response, TimeSpan? wait)
    {
        if (wait is { } pause && pause > TimeSpan.Zero)
        {
            response.Headers.RetryAfter =
                Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> BodyAsync(HttpContext http)
    {
        if (http.Request.ContentLength is not { } length)
        {
            return await Body.ReadBytesAsync(http);
        }
        var body = new byte[length];
        await http.Request.Body.ReadExactlyAsync(body, http.RequestAborted);
        return body;
    }
}
