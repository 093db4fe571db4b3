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
        else if (Words(fact, task) is { } words)
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

    public static string? Words(RunEvent fact, TaskLine? task) => (fact.Type, task) switch
    {
        ("TaskStarted", { } t) =>
            $"{t.StepId}: started ({t.Tool}{(t.Attempt > 1 ? $", attempt {t.Attempt}" : "")})",
        ("TaskCompleted", { } t) => $"{t.StepId}: succeeded in {Spans.Text(t.Elapsed(fact.At))}",
        ("TaskFailed", { } t) => $"{t.StepId}: failed in {Spans.Text(t.Elapsed(fact.At))}: {t.Message}",
        ("TaskSkipped", { } t) => $"{t.StepId}: skipped: {t.Message}",
        ("TaskCancelled", { } t) => $"{t.StepId}: cancelled",
        ("TaskRetryScheduled", { } t) => $"{t.StepId}: will be tried again: {t.Message}",
        ("TaskInDoubt", { } t) => $"{t.StepId}: in doubt: {t.Message}; answer with aegis resolve",
        ("RunCancelRequested", _) => "cancel was asked for",
        ("BudgetExceeded", _) => $"{RunProgress.Text(fact.Payload, "kind")} budget exceeded",
        _ => null,
    };
}
