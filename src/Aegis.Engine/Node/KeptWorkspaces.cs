using Aegis.Core.Errors;
using Aegis.Sandbox;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Node;

/// <summary>What ended runs left on this node. A run that succeeded leaves nothing; of the others the newest
/// are kept for a while, so that a retry can take over what their steps made.</summary>
public sealed class KeptWorkspaces(Workspaces workspaces, LiveRuns live, TimeProvider time, ILogger log)
{
    /// <summary>Ended runs whose files are kept.</summary>
    public const int RunsMax = 16;

    private readonly SemaphoreSlim one = new(1);

    public static TimeSpan KeptFor { get; } = TimeSpan.FromDays(3);

    /// <summary>A run has ended: its files go, or are kept from now on.</summary>
    public async Task EndedAsync(string runId, bool keep, CancellationToken cancel)
    {
        if (keep)
        {
            workspaces.Touch(runId, time.GetUtcNow());
            await PruneAsync(cancel);
        }
        else
        {
            await DeleteAsync(runId, cancel);
        }
    }

    /// <summary>Removes what is too old or too much. A kill between a run's end and this leaves files that
    /// the next call finds.</summary>
    public async Task PruneAsync(CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            var busy = live.All.Where(p => !p.Committed.Ended).Select(p => p.Head.StreamId).ToHashSet();
            var ended = workspaces.Runs().Where(r => !busy.Contains(r))
                .Select(r => (Run: r, At: workspaces.TouchedAt(r))).OrderByDescending(r => r.At).ToList();
            foreach (var (run, _) in ended.Where((r, i) => i >= RunsMax || r.At < time.GetUtcNow() - KeptFor))
            {
                await DeleteAsync(run, cancel);
            }
        }
        finally
        {
            one.Release();
        }
    }

    private async Task DeleteAsync(string runId, CancellationToken cancel)
    {
        try
        {
            await workspaces.DeleteRunAsync(runId, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AegisException)
        {
            EngineLog.DiscardBroke(log, runId, e);
        }
    }
}
