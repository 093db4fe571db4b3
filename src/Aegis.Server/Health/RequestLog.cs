using Aegis.Server.Auth;

namespace Aegis.Server.Health;

/// <summary>One line a request: the route's pattern, never the query or a header. Health probes are left
/// out.</summary>
public sealed class RequestLog(RequestDelegate next, TimeProvider time, ILogger<RequestLog> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var from = time.GetTimestamp();
        try
        {
            await next(http);
        }
        finally
        {
            var endpoint = http.GetEndpoint();
            if (endpoint?.Metadata.GetMetadata<OpenDoor>() is null)
            {
                var path = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "(no such door)";
                var tenancy = http.FindCaller()?.Principal.Tenancy ?? default;
                using var scope = log.BeginScope(LogScope.Of(http, tenancy));
                ServerLog.Request(log, http.Request.Method, path, http.Response.StatusCode,
                    Math.Round(time.GetElapsedTime(from).TotalMilliseconds, 3));
            }
        }
    }
}
