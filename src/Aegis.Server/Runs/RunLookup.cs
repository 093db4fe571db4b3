using Aegis.Core.Errors;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>Finds a run with its tasks. A run whose stream is there and whose row is not yet is waited for:
/// who started a run can read it.</summary>
internal static class RunLookup
{
    /// <param name="missing">What is told where there is none; a run by default.</param>
    public static async ValueTask<RunListing> RunAsync(DoorParts parts, TenancyKeys keys, string runId,
        CancellationToken cancel, AegisError? missing = null) =>
        await FindAsync(parts, keys, runId, cancel)
            ?? throw new AegisException(missing ?? DoorErrors.NotFound("run", runId));

    /// <summary>Null where there is none.</summary>
    public static ValueTask<RunListing?> FindAsync(
        DoorParts parts, TenancyKeys keys, string runId, CancellationToken cancel) =>
        LaggingRow.FindAsync(parts, () => parts.Runs.RunAsync(keys, runId, cancel),
            async () => await parts.Streams.PageAsync(keys, runId, 0, 1, cancel)
                is { Events: [{ Type: "RunStarted" }, ..] }, cancel);

    public static async ValueTask<RunDetailAnswer> DetailAsync(
        DoorParts parts, TenancyKeys keys, string runId, CancellationToken cancel) =>
        await DetailAsync(parts, keys, await RunAsync(parts, keys, runId, cancel), cancel);

    public static async ValueTask<RunDetailAnswer> DetailAsync(
        DoorParts parts, TenancyKeys keys, RunListing run, CancellationToken cancel)
    {
        var runId = run.RunId;
        var tasks = await parts.Runs.TasksAsync(keys, runId, cancel);
        var edges = await parts.Runs.EdgesAsync(keys, runId, cancel);
        var needs = edges.ToLookup(e => e.ToTask, e => StepOf(runId, e.FromTask));
        // the newest; GET /v1/runs?parent= has them all
        var children = await parts.Runs.RunsAsync(
            keys, new RunFilter(Parent: runId), null, DoorLimits.ChildrenShownMax, cancel);
        return RunDetailAnswer.Of(
            run, children, [.. tasks.Select(t => TaskAnswer.Of(t, [.. needs[t.TaskId]]))]);
    }

    // a task's id is its run's, a dot, and its step's
    private static string StepOf(string runId, string taskId) => taskId[(runId.Length + 1)..];
}
