using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Schedules;

internal static partial class TriggerLog
{
    [LoggerMessage(5101, LogLevel.Warning, "a turn of {Beat} failed; {What}")]
    public static partial void TurnBroke(ILogger log, string beat, string what, Exception error);

    [LoggerMessage(5102, LogLevel.Warning, "{Tenancy}: workflow {Workflow} was not started: {Error}")]
    public static partial void StartRefused(ILogger log, string tenancy, string workflow, string error);

    [LoggerMessage(5103, LogLevel.Warning, "workflow {Workflow}: this host has no time zone {Zone}")]
    public static partial void ZoneMissing(ILogger log, string workflow, string zone);

    [LoggerMessage(5104, LogLevel.Warning,
        "workflow {Workflow}: {Count} times of its schedule were passed over")]
    public static partial void TimesMissed(ILogger log, string workflow, int count);

    [LoggerMessage(5105, LogLevel.Warning, "webhook {Webhook}: delivery {Delivery} is given up: {Error}")]
    public static partial void DeliveryDead(ILogger log, string webhook, string delivery, string error);
}
