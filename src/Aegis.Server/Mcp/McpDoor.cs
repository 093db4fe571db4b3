using System.Collections.Concurrent;
using Aegis.Core.Errors;
using Aegis.Engine.Calls;
using Aegis.Server.Auth;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>
/// Streamable HTTP over the SDK's transport; the package that would do it for us is not to be had where this
/// is built (docs/decisions). The trap in it: options and tools made for each stateless request cost fifty
/// times the call. Here they are made once for the server, and a request brings its caller along.
/// 1. a page of another site is refused; 2. the message is read, and held against its headers; 3. the key's
/// tenancy, and what the message says of it; 4. the session, or a server for this request alone; 5. the
/// SDK answers on the response, as an event stream.
/// </summary>
internal sealed class McpDoor
{
    private readonly DoorParts parts;
    private readonly McpSessions sessions;
    private readonly McpServerOptions options;
    private readonly ConcurrentDictionary<string, McpCalls> stateless = new(StringComparer.Ordinal);

    public McpDoor(DoorParts parts, ILogger log)
    {
        (this.parts, sessions) = (parts, new McpSessions(parts));
        options = new McpHandlers(parts, log).Options();
    }

    public async Task PostAsync(HttpContext http)
    {
        if (Refused(http, out var refusal) || !Accepts(http, "application/json", out refusal)
            || !Accepts(http, "text/event-stream", out refusal))
        {
            await McpWire.RefuseAsync(http, refusal, null);
            return;
        }
        if (await McpWire.ReadAsync(http) is not { } message)
        {
            await McpWire.RefuseAsync(
                http, McpRefusal.Of(McpErrors.Unreadable, StatusCodes.Status400BadRequest), null);
            return;
        }
        if (McpHeaders.Check(http, message, parts.ToolDesk.Catalogue) is { } wrong)
        {
            await McpWire.RefuseAsync(http, wrong, message);
            return;
        }
        try
        {
            await ServeAsync(http, message);
        }
        catch (AegisException e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await McpWire.RefuseAsync(
                http, McpRefusal.Of(e.Error, ErrorRegistry.Status(e.Error.Code)), message);
        }
    }

    public async Task GetAsync(HttpContext http)
    {
        if (Refused(http, out var refusal) || !HasSessions(http, out refusal)
            || !Accepts(http, "text/event-stream", out refusal)
            || !Found(http, out var session, out refusal))
        {
            await McpWire.RefuseAsync(http, refusal, null);
            return;
        }
        if (!session.BeginListening())
        {
            await McpWire.RefuseAsync(http, McpRefusal.Of(
                McpErrors.HasStream, StatusCodes.Status409Conflict), null);
            return;
        }
        using var place = parts.OpenStreams.Take(session.Opener.Keys);
        using var until = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, parts.Readiness.Stopping, session.Closed);
        session.Enter();
        try
        {
            McpWire.BeginStream(http);
            await session.Transport.HandleGetRequestAsync(http.Response.Body, until.Token);
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // client, session or server has gone
        }
        finally
        {
            session.Leave();
        }
    }

    public async Task DeleteAsync(HttpContext http)
    {
        if (Refused(http, out var refusal) || !HasSessions(http, out refusal)
            || !Found(http, out var session, out refusal))
        {
            await McpWire.RefuseAsync(http, refusal, null);
            return;
        }
        await sessions.EndAsync(session);
    }

    private async Task ServeAsync(HttpContext http, JsonRpcMessage message)
    {
        var version = McpWire.Header(http, McpWire.VersionHeader);
        var names = SessionNames.Of(message);
        await names.RequireAgreementAsync(http, parts);
        if (McpWire.IsStateless(version))
        {
            await AloneAsync(http, message, names, version);
            return;
        }
        var id = McpWire.Header(http, McpWire.SessionHeader);
        McpSession? session;
        if (id.Length > 0)
        {
            session = sessions.Find(id, http.Caller().Principal);
        }
        else if (message is JsonRpcRequest { Method: RequestMethods.Initialize })
        {
            session = Open(http, message, names);
        }
        else
        {
            throw new AegisException(McpErrors.NoSession);
        }
        if (session is null)
        {
            throw new AegisException(McpErrors.NoSession);
        }
        (session.Opener with { Token = Credentials.Read(http) }).Sends(message, version);
        http.Response.Headers[McpWire.SessionHeader] = session.Id;
        session.Enter();
        try
        {
            await AnswerAsync(http, session.Transport, message, null);
        }
        finally
        {
            session.Leave();
        }
    }

    /// <summary>A request that stands alone gets a server of the shared options, which ends with
    /// it.</summary>
    private async Task AloneAsync(
        HttpContext http, JsonRpcMessage message, SessionNames names, string version)
    {
        var caller = Caller(http, names, StatelessCalls(http, names));
        caller.Sends(message, version);
        var transport = new StreamableHttpServerTransport { Stateless = true };
        await using var server = McpServer.Create(transport, options);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, parts.Readiness.Stopping);
        var running = server.RunAsync(ended.Token);
        try
        {
            await AnswerAsync(http, transport, message, first =>
            {
                if (first is JsonRpcError { Error: { } error } && !http.Response.HasStarted)
                {
                    http.Response.StatusCode = Status(error.Code, http.Response.StatusCode);
                }
                return ValueTask.CompletedTask;
            });
        }
        finally
        {
            await transport.DisposeAsync();
            await ended.CancelAsync();
            await Quietly(running);
        }
    }

    private static async Task AnswerAsync(HttpContext http, StreamableHttpServerTransport transport,
        JsonRpcMessage message, Func<JsonRpcMessage?, ValueTask>? starting)
    {
        McpWire.BeginStream(http);
        if (!await transport.HandlePostRequestAsync(
            message, http.Response.Body, starting, http.RequestAborted))
        {
            http.Response.Headers.ContentType = default;
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        }
    }

    private McpSession Open(HttpContext http, JsonRpcMessage message, SessionNames names)
    {
        var client = (message as JsonRpcRequest)?.Params?["clientInfo"];
        var request = new SessionRequest("mcp", names.Role, names.Profile,
            client is null ? null : $"{McpWire.Text(client["name"])} {McpWire.Text(client["version"])}");
        var caller = Caller(http, names, new McpCalls(parts, http.Caller().Principal, request)) with
        {
            Watches = new McpWatches(),
        };
        return sessions.Open(http.ProjectKeys(), () =>
        {
            var id = McpSessions.NewId();
            var transport = new StreamableHttpServerTransport { SessionId = id };
            return new McpSession(
                id, caller, transport, McpServer.Create(transport, options), parts.Time);
        });
    }

    private static McpCaller Caller(HttpContext http, SessionNames names, McpCalls calls) => new(
        http.Caller().Principal, http.ProjectKeys(), Credentials.Read(http), names, calls);

    private McpCalls StatelessCalls(HttpContext http, SessionNames names)
    {
        var by = http.Caller().Principal;
        if (stateless.Count >= DoorLimits.McpSessionsMax)
        {
            foreach (var (key, calls) in stateless)
            {
                stateless.TryRemove(key, out _);
                calls.End();
            }
        }
        return stateless.GetOrAdd($"{by.Tenancy}/{by.Actor}/{names.Role}/{names.Profile}",
            _ => new McpCalls(parts, by, new SessionRequest("mcp", names.Role, names.Profile, null)));
    }

    private bool Refused(HttpContext http, out McpRefusal refusal)
    {
        refusal = McpOrigin.Foreign(http.Request, parts.Options) is { } what
            ? McpRefusal.Of(McpErrors.Foreign(what), StatusCodes.Status403Forbidden)
            : null!;
        return refusal is not null;
    }

    private static bool HasSessions(HttpContext http, out McpRefusal refusal)
    {
        var without = McpWire.IsStateless(McpWire.Header(http, McpWire.VersionHeader));
        http.Response.Headers.Allow = without ? HttpMethods.Post : default;
        refusal = McpRefusal.Of(McpErrors.NoSessions, StatusCodes.Status405MethodNotAllowed);
        return !without;
    }

    private bool Found(HttpContext http, out McpSession session, out McpRefusal refusal)
    {
        var id = McpWire.Header(http, McpWire.SessionHeader);
        session = sessions.Find(id, http.Caller().Principal)!;
        refusal = McpRefusal.Of(McpErrors.NoSession, id.Length == 0
            ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound);
        return session is not null;
    }

    private static bool Accepts(HttpContext http, string type, out McpRefusal refusal)
    {
        refusal = McpRefusal.Of(McpErrors.NotAcceptable, StatusCodes.Status406NotAcceptable);
        var slash = type.IndexOf('/', StringComparison.Ordinal);
        return http.Request.Headers.Accept.SelectMany(h => (h ?? "").Split(',')).Select(
            a => a.Split(';')[0].Trim()).Any(a => a.Equals(type, StringComparison.OrdinalIgnoreCase)
                || a == "*/*" || a == $"{type[..slash]}/*");
    }

    private static int Status(int code, int otherwise) => (McpErrorCode)code switch
    {
        McpErrorCode.MethodNotFound => StatusCodes.Status404NotFound,
        McpErrorCode.MissingRequiredClientCapability or McpErrorCode.UnsupportedProtocolVersion
            or McpErrorCode.HeaderMismatch => StatusCodes.Status400BadRequest,
        _ => otherwise,
    };

    private static async Task Quietly(Task running)
    {
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // ended with its request
        }
    }
}
