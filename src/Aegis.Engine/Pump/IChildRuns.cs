using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Locks;
using Aegis.Gate.Budgets;

namespace Aegis.Engine.Pump;

/// <summary>Port: what a pump asks of the room that knows all runs. None of it waits.</summary>
public interface IChildRuns
{
    /// <summary>Starts the run that a task stands on where there is none yet, and has its end told.</summary>
    void Start(RunPump parent, RunEffect.StartChild child);

    /// <summary>Has the run do what the one above it does now.</summary>
    void Steer(RunPump parent, int index);

    /// <summary>A child's cost has grown.</summary>
    void Spent(RunPump child);

    /// <summary>What the runs above can still spend; null for no cap.</summary>
    decimal? BudgetLeftAbove(RunPump child);

    /// <summary>What the audits of the runs above say.</summary>
    RunAudits AuditsAbove(RunPump child);

    /// <summary>The caps of the runs above it.</summary>
    ImmutableArray<RunBudget> BudgetsAbove(RunPump child);

    /// <summary>The tasks that end after a task of this run: the step that added it, and the steps that its
    /// run and the runs above stand on; the nearest first.</summary>
    ImmutableArray<LockOwner> Above(RunPump run, int index);

    AegisError Refusal(LockStandstill standstill);
}
