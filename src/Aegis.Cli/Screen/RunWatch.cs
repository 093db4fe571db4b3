using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>Follows a run to its end and shows it; its exit status is the run's. Who stops watching is told
/// how to come back.</summary>
internal static class RunWatch
{
    // a server streams to few clients at once; more running tasks than these show no log line
    private const int LogsMax = 6;

    /// <param name="told">Gets the outputs of a run that succeeded.</param>
    public static async Task<int> ToEndAsync(AegisClient client, string runId, Terminal terminal, bool json,
        CancellationToken cancel, Action<JsonElement>? told = null)
    {
        try
        {
            var progress = await FollowAsync(client, runId, terminal, json, cancel);
            if (progress.Outputs is { } outputs)
            {
                told?.Invoke(outputs);
            }
            return progress.Exit;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine($"aegis: no longer watching; {runId} goes on. "
                + $"aegis runs watch {runId} watches it again, aegis cancel {runId} ends it.");
            return ExitCode.Interrupted;
        }
    }

    private static async Task<RunProgress> FollowAsync(
        AegisClient client, string runId, Terminal terminal, bool json, CancellationToken cancel)
    {
        var progress = new RunProgress(await client.GetRunAsync(runId, cancel));
        await using var view = Open(terminal, json, progress);
        var gate = (view as LiveRunView)?.Gate ?? new Lock();
        using var logs = new LogTails(client, runId, view is LiveRunView ? LogsMax : 0, gate);
        await foreach (var fact in client.FollowEventsAsync(runId, 0, cancel))
        {
            TaskLine? task;
            lock (gate)
            {
                task = progress.Apply(fact);
            }
            logs.Follow(task);
            view.Show(fact, task);
        }
        view.End();
        return progress;
    }

    private static IRunView Open(Terminal terminal, bool json, RunProgress progress) =>
        json ? new JsonRunView(terminal)
        : terminal.Live ? new LiveRunView(terminal, progress, TimeProvider.System, Rows())
        : new PlainRunView(terminal, progress);

    private static int Rows() => Console.IsOutputRedirected ? 40 : Console.WindowHeight - 4;
}
