using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;

namespace Aegis.Gate;

/// <summary>A call of the local forge, with a token made for the run's tenancy.</summary>
internal static class ForgeCall
{
    /// <summary>How long a forge that is not ready (503) is asked again; a restart of its database is
    /// shorter.
    /// </summary>
    public static readonly TimeSpan NotReadyMax = TimeSpan.FromSeconds(30);

    private const int NotReady = 503;

    /// <summary>A request that was answered by 503 goes again: whether a change took effect all the same, the
    /// tool finds out by its marker.</summary>
    public static async ValueTask<ForgeReply> SendAsync(
        ExecutionParts parts, Tenancy tenancy, ForgeRequest request,
        CancellationToken cancel)
    {
        var since = Stopwatch.StartNew();
        for (var wait = TimeSpan.FromMilliseconds(50); ; wait *= 2)
        {
            var reply = await SendOnceAsync(parts, tenancy, request, cancel);
            if (reply.Status != NotReady || since.Elapsed + wait > NotReadyMax)
            {
                return reply;
            }
            await Task.Delay(wait, cancel);
        }
    }

    private static async ValueTask<ForgeReply> SendOnceAsync(ExecutionParts parts, Tenancy tenancy,
        ForgeRequest request, CancellationToken cancel)
    {
        var address = parts.Options.ForgeAddress() ?? throw new AegisException(new AegisError("AEGIS2007",
            "the forge is not up yet", Mend: "try again once the server is ready"));
        using var message = new HttpRequestMessage(new HttpMethod(request.Method),
            new Uri(address, request.Path.TrimStart('/')));
        message.Headers.Authorization =
            new AuthenticationHeaderValue("Bearer", parts.Options.ForgeToken(tenancy));
        message.Headers.UserAgent.ParseAdd("aegis-forge");
        message.Headers.Accept.ParseAdd("application/vnd.github+json");
        if (request.Body is { } body)
        {
            message.Content = JsonContent.Create(body);
        }
        try
        {
            using var reply = await parts.Http.SendAsync(message, cancel);
            var bytes = await reply.Content.ReadAsByteArrayAsync(cancel);
            return new ForgeReply((int)reply.StatusCode, bytes.Length == 0
                ? JsonSerializer.SerializeToElement<object?>(null)
                : JsonDocument.Parse(bytes).RootElement,
                ForgeLink.Next(reply.Headers.TryGetValues("Link", out var links) ? links : [], address));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new AegisException(
                new AegisError("AEGIS2008", $"the forge did not answer as expected: {e.Message}"));
        }
    }
}
