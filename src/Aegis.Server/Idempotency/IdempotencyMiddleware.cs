using System.Security.Cryptography;
using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine.Schedules;
using Aegis.Ledger.Idempotency;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;

namespace Aegis.Server.Idempotency;

/// <summary>
/// A request with an <c>Idempotency-Key</c> is done once, however often it is sent: 1. its key is claimed in
/// the ledger, with the id of the run that it may start; 2. its door does it; 3. the answer is kept, and
/// given to whoever sends it again. Whoever dies between 2 and 3 leaves a key without an answer: the next
/// one does the request again, under the same id.
/// </summary>
public sealed partial class IdempotencyMiddleware(RequestDelegate next, IdempotencyTable table,
    TimeProvider time, ILogger<IdempotencyMiddleware> log)
{
    public const string Header = "Idempotency-Key";

    /// <summary>On an answer that was kept.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    public Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Headers.TryGetValue(Header, out var values))
        {
            return next(http);
        }
        switch (http.GetEndpoint()?.Metadata.GetMetadata<DescribedDoor>()?.Description.KeyUse)
        {
            case KeyUse.Refused:
                throw new AegisException(IdempotencyErrors.NotTaken);
            case KeyUse.Kept:
                return values is [{ } key] && IsKey(key)
                    ? DoOnceAsync(http, key)
                    : throw new AegisException(IdempotencyErrors.Malformed(
                        values.Count == 1 ? $"{values[0]?.Length ?? 0} characters" : $"{values.Count}"));
            default:
                return next(http);
        }
    }

    private async Task DoOnceAsync(HttpContext http, string text)
    {
        var key = new IdempotencyKey(http.ProjectKeys(), http.Caller().Principal.Actor, text);
        var body = await Body.ReadBytesAsync(http);
        using var again = new MemoryStream(body, writable: false);
        http.Request.Body = again;
        var claim = await table.ClaimAsync(key, Fingerprint(http.Request, body),
            FreshRunId.At(time.GetUtcNow()), http.RequestAborted);
        if (claim.RunId is { } run)
        {
            http.Items[ChosenRunItem.Name] = new RunId(run);
            await DoAsync(http, key);
            return;
        }
        await ReplayAsync(http, claim);
    }

    private async Task DoAsync(HttpContext http, IdempotencyKey key)
    {
        var client = http.Response.Body;
        using var answer = new MemoryStream();
        http.Response.Body = answer;
        using var done = new CancellationTokenSource();
        var renewing = RenewAsync(key, done.Token);
        try
        {
            await next(http);
        }
        finally
        {
            await done.CancelAsync();
            await renewing;
            http.Response.Body = client;
            await SettleAsync(http, key, answer);
        }
        answer.Position = 0;
        await answer.CopyToAsync(client, http.RequestAborted);
    }

    /// <summary>The client may have left: its next try wants to know all the same. What is passing (409, 429,
    /// 5xx, or no answer because nobody waited for it) is not kept, and may be tried again with this
    /// key.</summary>
    private async Task SettleAsync(HttpContext http, IdempotencyKey key, MemoryStream answer)
    {
        var (response, none) = (http.Response, CancellationToken.None);
        var passing = answer.Length == 0 || response.StatusCode
            is StatusCodes.Status409Conflict or StatusCodes.Status429TooManyRequests or >= 500;
        try
        {
            await (passing
                ? table.HoldAsync(key, TimeSpan.Zero, none)
                : table.AnswerAsync(key, new KeptAnswer(response.StatusCode, response.ContentType,
                    response.Headers.Location, answer.ToArray()), none));
        }
        catch (Exception e)
        {
            // as if this server had died here: the hold ends, and the request may come again
            LogNotKept(http.TraceIdentifier, e);
        }
    }

    private async Task RenewAsync(IdempotencyKey key, CancellationToken done)
    {
        using var renewal = new PeriodicTimer(IdempotencyTable.Hold / 3, time);
        while (!done.IsCancellationRequested)
        {
            try
            {
                await renewal.WaitForNextTickAsync(done);
                await table.HoldAsync(key, IdempotencyTable.Hold, done);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                LogNotHeld(e);
            }
        }
    }

    private static async Task ReplayAsync(HttpContext http, Claim claim)
    {
        if (claim.IsOtherRequest)
        {
            throw new AegisException(IdempotencyErrors.OtherRequest);
        }
        var kept = claim.Answer ?? throw new AegisException(IdempotencyErrors.GoesOn);
        if (kept.Location is { } location)
        {
            http.Response.Headers.Location = location;
        }
        http.Response.Headers[ReplayedHeader] = "true";
        if (kept.Body is not { } body)
        {
            await ProblemWriter.WriteAsync(http, IdempotencyErrors.NotKept);
            return;
        }
        http.Response.StatusCode = kept.Status;
        http.Response.ContentType = kept.MediaType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static bool IsKey(string text) =>
        text.Length is > 0 and <= DoorLimits.IdempotencyKeyCharsMax && text.All(c => c is > ' ' and <= '~');

    private static byte[] Fingerprint(HttpRequest request, byte[] body)
    {
        var head = $"{request.Method} {request.Path}{request.QueryString}\n";
        return SHA256.HashData([.. Encoding.UTF8.GetBytes(head), .. SHA256.HashData(body)]);
    }

    [LoggerMessage(EventId = 6071, Level = LogLevel.Warning,
        Message = "the answer to a request with an idempotency key was not kept, trace {TraceId}")]
    private partial void LogNotKept(string traceId, Exception exception);

    [LoggerMessage(EventId = 6072, Level = LogLevel.Warning,
        Message = "an idempotency key could not be held longer")]
    private partial void LogNotHeld(Exception exception);
}

/// <summary>The id that a run gets whose request carries a key.</summary>
internal static class ChosenRunItem
{
    internal const string Name = "aegis.chosen-run";

    /// <summary>Null where the request carries no key. A run of this id that is there already is this
    /// request's: it was sent before, and nobody heard the answer.</summary>
    public static RunId? ChosenRun(this HttpContext http) => (RunId?)http.Items[Name];
}
