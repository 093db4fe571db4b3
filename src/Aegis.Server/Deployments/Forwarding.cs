using System.Net.Sockets;
using Aegis.Engine.Deployments;
using Microsoft.AspNetCore.Http.Features;

namespace Aegis.Server.Deployments;

/// <summary>One request handed on to a deployment's program, and its answer handed back, as they
/// come.</summary>
internal sealed class Forwarding(HttpContext http, RouteHold hold)
{
    /// <summary>A request without a body that the program could not take is sent so often in all: it may be
    /// being started again.</summary>
    private const int TriesMax = 3;

    private static readonly TimeSpan DyingMax = TimeSpan.FromSeconds(2);

    // of one connection, not of the request (RFC 9110, 7.6.1); and what only this proxy may say
    private static readonly string[] NotHandedOn =
    [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE",
        "Trailer", "Transfer-Encoding", "Upgrade", "X-Forwarded-For", "X-Forwarded-Host",
        "X-Forwarded-Proto", "Forwarded",
    ];

    private bool HasBody =>
        http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    public async Task RunAsync()
    {
        for (var tries = 1; ; tries++)
        {
            HttpResponseMessage answer;
            var ended = Task.CompletedTask;
            try
            {
                (var target, ended) = await hold.TargetAsync(http.RequestAborted);
                using var request = Request();
                answer = await target.SendAsync(request, http.RequestAborted);
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsUnreachable(e))
            {
                // nothing of it can have been done twice: only what is asked again without harm
                if (tries < TriesMax && !HasBody && http.Request.Method is ("GET" or "HEAD" or "OPTIONS"))
                {
                    // a dying program refuses before it is known to be dead
                    await Task.WhenAny(ended, Task.Delay(DyingMax, http.RequestAborted));
                    continue;
                }
                http.Response.StatusCode = e is TimeoutException ? StatusCodes.Status503ServiceUnavailable
                    : StatusCodes.Status502BadGateway;
                http.Response.Headers.RetryAfter = "1";
                return;
            }
            using (answer)
            {
                await HandBackAsync(answer);
            }
            return;
        }
    }

    private static bool IsUnreachable(Exception e) => e is HttpRequestException or IOException
        or SocketException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    private HttpRequestMessage Request()
    {
        var from = http.Request;
        var request = new HttpRequestMessage(new HttpMethod(from.Method),
            new Uri($"http://localhost:80{Escaped(hold.Path)}{from.QueryString.Value}"))
        {
            Content = HasBody ? new StreamContent(from.Body) : null,
        };
        var upgrade = http.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;
        var named = from.Headers.Connection.SelectMany(v => v?.Split(',') ?? []).Select(v => v.Trim());
        var left = NotHandedOn.Concat(named).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in from.Headers.Where(h => !left.Contains(h.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", $"{http.Connection.RemoteIpAddress}");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", from.Host.Value);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", from.Scheme);
        if (upgrade)
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", (string?)from.Headers.Upgrade);
        }
        return request;
    }

    private async Task HandBackAsync(HttpResponseMessage answer)
    {
        var response = http.Response;
        response.StatusCode = (int)answer.StatusCode;
        var named = answer.Headers.Connection;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers)
            .Where(h => !NotHandedOn.Contains(h.Key, StringComparer.OrdinalIgnoreCase)
                && !named.Contains(h.Key)))
        {
            response.Headers[name] = values.ToArray();
        }
        if (answer.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols)
        {
            response.Headers.Connection = "Upgrade";
            response.Headers.Upgrade = answer.Headers.Upgrade.ToString();
            await JoinAsync(await answer.Content.ReadAsStreamAsync(http.RequestAborted));
            return;
        }
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
            var piece = new byte[64 * 1024];
            for (int read; (read = await body.ReadAsync(piece, http.RequestAborted)) > 0;)
            {
                await response.Body.WriteAsync(piece.AsMemory(0, read), http.RequestAborted);
                await response.Body.FlushAsync(http.RequestAborted);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // the beginning is with the client already: what is cut must look cut
            http.Abort();
        }
    }

    /// <summary>Both ends of a connection that speaks another protocol from here on.</summary>
    private async Task JoinAsync(Stream program)
    {
        await using var client = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        await Task.WhenAll(CopyAsync(client, program, over), CopyAsync(program, client, over));
    }

    /// <summary>Until one end is through, which ends the other one too.</summary>
    private static async Task CopyAsync(Stream from, Stream to, CancellationTokenSource over)
    {
        try
        {
            await from.CopyToAsync(to, over.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // the connection is over
        }
        await over.CancelAsync();
    }

    private static string Escaped(string path) => new PathString(path).ToUriComponent();
}
