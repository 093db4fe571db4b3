using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>Keeps the newest log line of each running task, at most a few at once.</summary>
internal sealed class LogTails(AegisClient client, string runId, int max, Lock gate) : IDisposable
{
    private readonly Dictionary<string, CancellationTokenSource> open = [];

    public void Follow(TaskLine? task)
    {
        if (task is null)
        {
            return;
        }
        if (task.Status == "running" && open.Count < max && !open.ContainsKey(task.StepId))
        {
            var stop = new CancellationTokenSource();
            open[task.StepId] = stop;
            _ = TailAsync(task, stop.Token);
        }
        else if (task.Status != "running" && open.Remove(task.StepId, out var stop))
        {
            stop.Cancel();
            stop.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var stop in open.Values)
        {
            stop.Cancel();
            stop.Dispose();
        }
    }

    private async Task TailAsync(TaskLine task, CancellationToken cancel)
    {
        try
        {
            await foreach (var chunk in client.FollowLogAsync(runId, task.StepId, 0, cancel))
            {
                var line = chunk.Text.TrimEnd().Split('\n')[^1];
                lock (gate)
                {
                    task.LastLog = line.Length == 0 ? task.LastLog : line;
                }
            }
        }
        catch (Exception e)
            when (e is OperationCanceledException or AegisApiException or AegisUnreachableException)
        {
            // the line is decoration: the run's own events say what matters
        }
    }
}
