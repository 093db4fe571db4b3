namespace Aegis.Core.Runs;

/// <summary>The states' names as every door, event and expression shows them.</summary>
public static class TaskStatusText
{
    public static string Of(TaskStatus status) => status switch
    {
        TaskStatus.Waiting => "waiting",
        TaskStatus.Ready => "ready",
        TaskStatus.Running => "running",
        TaskStatus.RetryWait => "retry_wait",
        TaskStatus.InDoubt => "in_doubt",
        TaskStatus.Approval => "waiting_approval",
        TaskStatus.Expanded => "expanded",
        TaskStatus.Frozen => "frozen",
        TaskStatus.Child => "waiting_run",
        TaskStatus.Succeeded => "succeeded",
        TaskStatus.Failed => "failed",
        TaskStatus.Skipped => "skipped",
        _ => "cancelled",
    };

    public static string Of(RunState run) => !run.Holds ? Of(run.Status) : run.Queued ? "queued" : "paused";

    public static string Of(RunStatus status) => status switch
    {
        RunStatus.Running => "running",
        RunStatus.Stopping => "stopping",
        RunStatus.Succeeded => "succeeded",
        RunStatus.Failed => "failed",
        _ => "cancelled",
    };
}
