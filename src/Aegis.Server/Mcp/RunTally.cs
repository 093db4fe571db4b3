using Aegis.Core.Runs.Events;

namespace Aegis.Server.Mcp;

/// <summary>Tasks known and done of a run and of those below it, and each fact in words.</summary>
internal sealed class RunTally
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);
    private readonly HashSet<(string Run, string Step)> seen = [];
    private readonly HashSet<(string Run, string Step)> done = [];

    /// <summary>Which step a fact is of, and what it says; no step where nobody needs to hear of
    /// it.</summary>
    public static (string? Step, string Words) Read(RunEvent fact) => fact switch
    {
        TaskStarted { Attempt: > 1 } e => (e.StepId, $"started, attempt {e.Attempt}"),
        TaskStarted e => (e.StepId, "started"),
        TaskCompleted e => (e.StepId, "completed"),
        TaskFailed e => (e.StepId, $"failed, {e.Error.Code}"),
        TaskSkipped e => (e.StepId, "skipped"),
        TaskCancelled e => (e.StepId, "cancelled"),
        TaskReused e => (e.StepId, "taken from an earlier run"),
        TaskRetryScheduled e => (e.StepId, $"will be tried again, {e.Error.Code}"),
        TaskInDoubt e => (e.StepId, "waiting for a human, in doubt"),
        ApprovalRequested e => (e.StepId, "waiting for approval"),
        ApprovalGranted e => (e.StepId, "approved"),
        ApprovalDenied e => (e.StepId, "denied"),
        ChildRunRequested e => (e.StepId, $"stands on {e.RunId}"),
        _ => (null, ""),
    };

    /// <summary>Whether an attempt is over with it.</summary>
    public static bool Ends(RunEvent fact) => IsLast(fact) || fact is TaskRetryScheduled or TaskInDoubt;

    /// <summary>How many tasks a run's plan has; null where nobody has counted them yet.</summary>
    public void Known(string run, int? tasks)
    {
        lock (gate)
        {
            known[run] = Math.Max(known.GetValueOrDefault(run), tasks ?? 0);
        }
    }

    public void Count(string run, RunEvent fact, string step)
    {
        lock (gate)
        {
            seen.Add((run, step));
            if (IsLast(fact))
            {
                done.Add((run, step));
            }
        }
    }

    public (int Done, int Total) Sum()
    {
        lock (gate)
        {
            return (done.Count, Math.Max(known.Values.Sum(), seen.Count));
        }
    }

    private static bool IsLast(RunEvent fact) =>
        fact is TaskCompleted or TaskFailed or TaskSkipped or TaskCancelled or TaskReused;
}
