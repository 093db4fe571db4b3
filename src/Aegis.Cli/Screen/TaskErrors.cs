using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>What went wrong in a run's tasks, whole, below the table that has only the codes.</summary>
internal static class TaskErrors
{
    /// <summary>Errors shown; --json has them all.</summary>
    public const int ErrorsMax = 20;

    public static void Write(TextWriter output, RunDetail run)
    {
        var told = WithoutEchoes([.. run.Tasks.Where(t => t.Error is not null)]);
        foreach (var task in told.Take(ErrorsMax))
        {
            output.WriteLine();
            var part = (string name) => RunProgress.Text(task.Error, name);
            // tools do not know where they run; the reader gets a line to type
            var mend = part("mend")?.Replace("RUN STEP", $"{run.RunId} {task.StepId}");
            Failure.Write(output, part("code") ?? "", part("message") ?? "", part("expected"), part("got"),
                mend, task.StepId);
        }
        if (told.Count > ErrorsMax)
        {
            output.WriteLine();
            output.WriteLine($"and {told.Count - ErrorsMax:N0} more: --json has them all");
        }
    }

    // a group fails with the words of its item, which stands in the same list
    private static List<TaskDetail> WithoutEchoes(List<TaskDetail> failed)
    {
        var words = failed.Select(t => $"{t.StepId}: {Message(t)}").ToHashSet();
        return failed.FindAll(t => !words.Contains(Message(t)));
    }

    private static string Message(TaskDetail task) => RunProgress.Text(task.Error, "message") ?? "";
}
