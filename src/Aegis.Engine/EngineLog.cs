using Microsoft.Extensions.Logging;

namespace Aegis.Engine;

internal static partial class EngineLog
{
    [LoggerMessage(5001, LogLevel.Error, "step {StepId}: the attempt broke inside the engine")]
    public static partial void AttemptBroke(ILogger log, string stepId, Exception error);

    [LoggerMessage(5002, LogLevel.Error, "step {StepId}: the probe broke")]
    public static partial void ProbeBroke(ILogger log, string stepId, Exception error);

    [LoggerMessage(5003, LogLevel.Warning, "step {StepId}: the attempt's workspace could not be discarded")]
    public static partial void DiscardBroke(ILogger log, string stepId, Exception error);

    [LoggerMessage(5004, LogLevel.Error, "run {RunId} could not be recovered")]
    public static partial void RecoverBroke(ILogger log, string runId, Exception error);

    [LoggerMessage(5005, LogLevel.Error, "the read models could not be written; they are written again")]
    public static partial void ProjectionBroke(ILogger log, Exception error);

    [LoggerMessage(5006, LogLevel.Critical, "this node can append nothing any more: {Reason}")]
    public static partial void NodeLost(ILogger log, string reason);

    [LoggerMessage(5007, LogLevel.Information, "took over {Count} open runs")]
    public static partial void TookOver(ILogger log, int count);

    [LoggerMessage(5008, LogLevel.Warning, "the node's upkeep failed; it is tried again")]
    public static partial void UpkeepBroke(ILogger log, Exception error);

    [LoggerMessage(5009, LogLevel.Warning, "child run {RunId} could not be started")]
    public static partial void ChildBroke(ILogger log, string runId, Exception error);

    [LoggerMessage(5011, LogLevel.Warning,
        "what was learned about models cannot be read back; it is learned again from the verdicts")]
    public static partial void LearningUnreadable(ILogger log, Exception error);

    [LoggerMessage(5012, LogLevel.Warning, "{Project}: {To} stands in for {From}: {Why}")]
    public static partial void StandsIn(ILogger log, string project, string from, string to, string why);

    [LoggerMessage(5010, LogLevel.Warning, "locks of {Project} could not be decided; it is tried again")]
    public static partial void LocksBroke(ILogger log, string project, Exception error);

    [LoggerMessage(5013, LogLevel.Error, "the deployment {Name} broke")]
    public static partial void DeploymentBroke(ILogger log, string name, Exception error);
}
