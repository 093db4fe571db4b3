namespace Aegis.Server;

/// <summary>Log lines of the server itself, and where lines go: JSON on stderr, one object a line.</summary>
internal static partial class ServerLog
{
    public static ILoggerFactory Open(LogLevel level) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(level);
        // the framework's own news is of interest only when something is wrong
        logging.AddFilter("Microsoft", level < LogLevel.Information ? level : LogLevel.Warning);
        logging.AddJsonConsole(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";
        });
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
    });

    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "ready at {Url}, process {Pid}")]
    public static partial void Ready(ILogger log, Uri url, int pid);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Information, Message = "stopping")]
    public static partial void Stopping(ILogger log);

    [LoggerMessage(EventId = 6003, Level = LogLevel.Error, Message = "a room did not close in order")]
    public static partial void CloseFailed(ILogger log, Exception exception);

    [LoggerMessage(EventId = 6009, Level = LogLevel.Error, Message = "no checkpoint could be written")]
    public static partial void CheckpointFailed(ILogger log, Exception exception);

    [LoggerMessage(
        EventId = 6004, Level = LogLevel.Information, Message = "{Method} {Path} {Status} {Milliseconds} ms")]
    public static partial void Request(
        ILogger log, string method, string path, int status, double milliseconds);

    [LoggerMessage(EventId = 6005, Level = LogLevel.Warning,
        Message = "listening on {Address} without TLS: keys travel in the clear")]
    public static partial void PlainText(ILogger log, System.Net.IPAddress address);

    [LoggerMessage(
        EventId = 6006, Level = LogLevel.Error, Message = "PostgreSQL ended unasked; it is started again")]
    public static partial void DatabaseLost(ILogger log);

    [LoggerMessage(EventId = 6007, Level = LogLevel.Information, Message = "PostgreSQL is back")]
    public static partial void DatabaseBack(ILogger log);

    [LoggerMessage(
        EventId = 6008, Level = LogLevel.Critical, Message = "PostgreSQL could not be started again")]
    public static partial void DatabaseGone(ILogger log, Exception exception);

    [LoggerMessage(EventId = 6073, Level = LogLevel.Warning,
        Message = "answers of models were not kept or found in the ledger; calls go on without them")]
    public static partial void AnswersBroke(ILogger log, Exception exception);
}
