using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>A line for each thing that happens: for pipes, logs of CI and terminals without cursor. Of a
/// large run what happens is counted.</summary>
internal sealed class PlainRunView(Terminal terminal, RunProgress progress) : IRunView
{
    private const int FailedMax = 50;

    private readonly RunCounts counts = new(terminal, progress);

    public void Show(RunEvent fact, TaskLine? task)
    {
        if (progress.Lines.Count > RunCounts.ToldTasksMax)
        {
            counts.Show(fact, task);
        }
        else if (Words(fact, task, progress.RunId) is { } words)
        {
            terminal.Out.WriteLine(Terminal.Visible($"{fact.At:HH:mm:ss} {words}"));
        }
    }

    /// <summary>How it ended; of a large run also which tasks failed.</summary>
    public void End()
    {
        var took = Spans.Text((progress.EndedAt ?? progress.StartedAt) - progress.StartedAt);
        terminal.Out.WriteLine(Terminal.Visible(
            $"run {progress.RunId} {progress.Status} in {took}, "
            + $"{progress.Done}/{progress.Lines.Count} tasks ended"
            + (progress.Reason is null ? "" : $": {progress.Reason}")));
        var failed = progress.CountOf("failed");
        if (progress.Lines.Count > RunCounts.ToldTasksMax && failed > 0)
        {
            var names = progress.Lines.Where(l => l.Status == "failed").Take(FailedMax).Select(l => l.StepId);
            terminal.Out.WriteLine(Terminal.Visible($"failed: {string.Join(", ", names)}"
                + (failed > FailedMax ? $" and {failed - FailedMax:N0} more" : "")));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static string? Words(RunEvent fact, TaskLine? task, string runId) => (fact.Type, task) switch
    {
        ("TaskStarted", { } t) =>
            $"{t.StepId}: started ({t.Tool}{(t.Attempt > 1 ? $", attempt {t.Attempt}" : "")})",
        ("TaskCompleted", { } t) => $"{t.StepId}: succeeded{In(t, fact)}",
        ("TaskFailed", { } t) => $"{t.StepId}: failed{In(t, fact)}: {t.Message}",
        ("TaskSkipped", { } t) => $"{t.StepId}: skipped: {t.Message}",
        ("TaskCancelled", { } t) => $"{t.StepId}: cancelled",
        ("TaskRetryScheduled", { } t) => $"{t.StepId}: will be tried again: {t.Message}",
        ("TaskInDoubt", { } t) => $"{t.StepId}: in doubt: {t.Message}; answer with aegis resolve",
        ("TaskFrozen", { } t) =>
            $"{t.StepId}: failed and is kept: {t.Message}; answer with aegis resolve",
        ("ApprovalRequested", { } t) =>
            $"{t.StepId}: waits for an answer{Colon(t.Message)}; aegis approve {runId} {t.StepId}",
        ("ApprovalGranted", { } t) =>
            $"{t.StepId}: approved by {RunProgress.Text(fact.Payload, "actor")}{Because(fact)}",
        ("ApprovalDenied", { } t) =>
            $"{t.StepId}: denied by {RunProgress.Text(fact.Payload, "actor")}{Because(fact)}",
        ("RunPaused", _) => $"paused by {RunProgress.Text(fact.Payload, "actor")}{Because(fact)}",
        ("RunResumed", _) => $"resumed by {RunProgress.Text(fact.Payload, "actor")}",
        ("RunAdmitted", _) => "its turn has come",
        ("RunCancelRequested", _) => "cancel was asked for",
        ("BudgetExceeded", _) => $"{RunProgress.Text(fact.Payload, "kind")} budget exceeded",
        _ => null,
    };

    // a group has no start of its own
    private static string In(TaskLine task, RunEvent fact) =>
        task.Elapsed(fact.At) is { } span ? $" in {Spans.Text(span)}" : "";

    private static string Because(RunEvent fact) => Colon(RunProgress.Text(fact.Payload, "reason"));

    private static string Colon(string? words) => words is null ? "" : $": {words}";
}
