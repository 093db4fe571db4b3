namespace Aegis.Core.Runs;

/// <summary>Something asked of a run or told to it. Time comes with it, so that deciding is pure.</summary>
public abstract record RunCommand(DateTimeOffset At)
{
    /// <summary>Decides on the state held under the lease.</summary>
    public Decision Decide(RunState run, RunRules rules)
    {
        var decision = new Decision(run, rules, At);
        if (!run.Ended)
        {
            Apply(decision);
        }
        return decision;
    }

    internal void ApplyTo(Decision decision) => Apply(decision);

    /// <summary>What the command does to a run that has not ended.</summary>
    protected abstract void Apply(Decision decision);
}
