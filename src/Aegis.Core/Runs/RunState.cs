using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Runs;

public enum RunStatus
{
    Running,

    /// <summary>A cancel or an exceeded budget ends what runs; only tasks that ask for it still
    /// start.</summary>
    Stopping,

    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>Everything a run is, folded from its events.</summary>
/// <param name="OpenTasks">Tasks that have not ended.</param>
/// <param name="Overdue">It took longer than its sla, and that was recorded.</param>
/// <param name="Outputs">What the workflow's outputs came to, once it succeeded.</param>
/// <param name="StopReason">Why the run stops or stopped, for a person.</param>
public sealed record RunState(
    RunStarted Start,
    DateTimeOffset StartedAt,
    PlanGraph Graph,
    TaskTable Tasks,
    RunStatus Status,
    int OpenTasks,
    bool AnyFailed,
    bool CancelAsked,
    decimal CostUsd,
    string? StopReason,
    DateTimeOffset ChangedAt,
    DateTimeOffset? EndedAt,
    bool Paused = false,
    bool Queued = false,
    bool Overdue = false,
    JsonElement? Outputs = null,
    string? PausedBy = null)
{
    public Plan Plan => Graph.Plan;

    /// <summary>What its steps asked of models.</summary>
    public ModelUsage Models { get; init; } = ModelUsage.None;

    /// <summary>What it found out about them, in order.</summary>
    public ImmutableArray<ModelJudgement> Judgements { get; init; } = [];

    /// <summary>What its audits say.</summary>
    public RunAudits Audits { get; init; } = RunAudits.None;

    /// <summary>Inputs that hold text which an outsider may have chosen, by what the step above
    /// said.</summary>
    public ImmutableArray<string> UntrustedInputs => Start.Parent?.Untrusted ?? [];

    public bool Ended => Status >= RunStatus.Succeeded;

    /// <summary>A human paused it, or others of its group come first: what runs goes on, nothing begins. A
    /// run that stops is held no more.</summary>
    public bool Holds => (Paused || Queued) && Status == RunStatus.Running;

    /// <summary>The workflow's max_cost_usd, or what the run above had left when it asked for this one; the
    /// smaller.</summary>
    public decimal? BudgetUsd => (Plan.Policy.MaxCostUsd, Start.Parent?.BudgetUsd) switch
    {
        ({ } own, { } given) => Math.Min(own, given),
        var (own, given) => own ?? given,
    };

    public decimal? BudgetLeftUsd => BudgetUsd is { } max ? Math.Max(0, max - CostUsd) : null;
}
