using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>The run has lasted longer than max_time_ms or its timeout allows.</summary>
public sealed record DeadlinePassed(DateTimeOffset At, TimeSpan Limit) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State.Status == RunStatus.Stopping)
        {
            return;
        }
        decision.Emit(new BudgetExceeded("time", (decimal)Limit.TotalMilliseconds,
            (decimal)Math.Round((At - decision.State.StartedAt).TotalMilliseconds)));
        Stopping.Interrupt(decision);
    }
}
