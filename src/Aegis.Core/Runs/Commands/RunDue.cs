using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs.Commands;

/// <summary>The run's sla has passed.</summary>
public sealed record RunDue(DateTimeOffset At) : RunCommand(At)
{
    protected override void Apply(Decision decision)
    {
        if (decision.State is { Overdue: false, Plan.Sla: { } sla } run && At >= run.StartedAt + sla)
        {
            decision.Emit(new SLAViolated(null, (long)sla.TotalMilliseconds));
        }
    }
}
