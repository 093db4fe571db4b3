using Microsoft.Extensions.Logging;

namespace Aegis.Gate;

internal static partial class GateLog
{
    [LoggerMessage(LogLevel.Error, "the allow list of tiers is wrong, the last good one stays: {Errors}")]
    public static partial void TiersKept(ILogger log, string errors);

    [LoggerMessage(LogLevel.Error, "the models' catalogue is wrong, the last good one stays: {Errors}")]
    public static partial void CatalogueKept(ILogger log, string errors);

    [LoggerMessage(LogLevel.Warning,
        "the recording {Name} could not be written, the next turn tries again: {Why}")]
    public static partial void RecordingNotWritten(ILogger log, string name, string why);
}
