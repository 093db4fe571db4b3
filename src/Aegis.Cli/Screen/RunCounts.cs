using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>What is told of a large run: a line with counts at each twentieth of the way, and a line for what
/// is not simply going well. --json and aegis events have every fact.</summary>
internal sealed class RunCounts(Terminal terminal, RunProgress progress)
{
    /// <summary>A run with more tasks than this is counted in place of told task by task.</summary>
    public const int ToldTasksMax = 200;

    /// <summary>Lines about failures and the like; what follows is only counted.</summary>
    public const int TroublesMax = 200;

    private const int Parts = 20;

    private int told;
    private int troubles;

    public void Show(RunEvent fact, TaskLine? task)
    {
        if (IsTrouble(fact) && PlainRunView.Words(fact, task, progress.RunId) is { } words
            && troubles++ < TroublesMax)
        {
            terminal.Out.WriteLine(Terminal.Visible($"{fact.At:HH:mm:ss} {words}"));
        }
        // a run may grow on the way: its parts are reckoned anew each time
        if (task?.Ended == true && PartOf(progress.Done) > PartOf(told))
        {
            told = progress.Done;
            terminal.Out.WriteLine($"{fact.At:HH:mm:ss} {Counts()}");
        }
    }

    private static bool IsTrouble(RunEvent fact) => fact.Type is "TaskFailed" or "TaskRetryScheduled"
        or "TaskInDoubt" or "RunCancelRequested" or "BudgetExceeded";

    private int PartOf(int done) => done * Parts / progress.Lines.Count;

    private string Counts()
    {
        var parts = new[] { "running", "failed", "skipped", "cancelled" }
            .Select(s => (Status: s, Count: progress.CountOf(s))).Where(s => s.Count > 0)
            .Select(s => $"{s.Count:N0} {s.Status}");
        return $"{progress.Done:N0}/{progress.Lines.Count:N0} tasks ended"
            + string.Concat(parts.Select(p => ", " + p));
    }
}
