using Aegis.Core.Runs;
using Aegis.Engine.Projections;
using Aegis.Ledger.EventStore;

namespace Aegis.Engine.Pump;

/// <summary>What the pumps of a node share.</summary>
/// <param name="Ended">Told once when a run's last fact is committed.</param>
/// <param name="Children">Starts and steers the runs that steps stand on.</param>
public sealed record PumpContext(
    GroupCommit Commit, RunRules Rules, TimeProvider Time, Slots Slots, ResourceLocks Locks, Alarms Alarms,
    AttemptRunner Attempts, ReadModelWriter ReadModels, Action<RunPump> Ended,
    IChildRuns Children);
