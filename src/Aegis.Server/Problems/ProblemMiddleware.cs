using System.Data.Common;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Server.Artifacts;

namespace Aegis.Server.Problems;

/// <summary>Turns what a door throws into a problem document; nothing of an unexpected exception reaches a
/// client but a trace id.</summary>
public sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // the client left; nobody reads an answer
        }
        catch (Exception e) when (http.Response.HasStarted)
        {
            LogBroken(http.TraceIdentifier, e);
            http.Abort();
        }
        catch (Exception e)
        {
            http.Response.Clear();
            await AnswerAsync(http, e);
        }
    }

    private Task AnswerAsync(HttpContext http, Exception exception)
    {
        switch (exception)
        {
            case AegisException refused:
                return ProblemWriter.WriteAsync(http, refused.Error);
            case WorkflowRejectedException rejected:
                var error = new AegisError("AEGIS6040",
                    $"{rejected.Diagnostics[0].At.File} has {rejected.Diagnostics.Length} error(s)",
                    Mend: "correct the places listed in errors");
                return ProblemWriter.WriteAsync(http, error, rejected.Diagnostics);
            case ArtifactRejectedException rejected:
                return ProblemWriter.WriteAsync(
                    http, ArtifactDoorErrors.Rejected(rejected.Diagnostics.Length), rejected.Diagnostics);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return ProblemWriter.WriteAsync(http, DoorErrors.BodyTooLarge(DoorLimits.BodyBytesMax));
            case BadHttpRequestException bad:
                return ProblemWriter.WriteAsync(http, bad.StatusCode, DoorErrors.Malformed(bad.Message));
            case DbException { SqlState: null or ['0', '8', ..] or ['5', '7', ..] or ['5', '3', ..] } lost:
                // no answer, connection lost, server stopping, out of resources: not the request's fault
                LogLedger(http.TraceIdentifier, lost);
                return ProblemWriter.WriteAsync(
                    http, DoorErrors.NotReady("ledger", "the database does not answer"));
            default:
                LogFailed(http.TraceIdentifier, exception);
                return ProblemWriter.WriteAsync(http, DoorErrors.Internal(http.TraceIdentifier));
        }
    }

    [LoggerMessage(EventId = 6000, Level = LogLevel.Error, Message = "request failed, trace {TraceId}")]
    private partial void LogFailed(string traceId, Exception exception);

    [LoggerMessage(
        EventId = 6008, Level = LogLevel.Warning, Message = "the ledger did not answer, trace {TraceId}")]
    private partial void LogLedger(string traceId, Exception exception);

    [LoggerMessage(EventId = 6009, Level = LogLevel.Warning, Message = "answer broken off, trace {TraceId}")]
    private partial void LogBroken(string traceId, Exception exception);
}
