namespace Aegis.Core.Routing.Breakers;

/// <summary>
/// The circuit breaker of a model at a provider, as pure steps on time stamps. Closed, it counts failures: so
/// many in a row, or too large a share of a sliding window, open it. Open, it lets nobody in until its time
/// is over; the time doubles with each opening, and is never shorter than what the provider asks for. Then
/// half open: few calls try; enough successes close it, one failure opens it again.
/// </summary>
public static class Breaker
{
    private const int DoublingsMax = 20;

    public static BreakerEntry Enter(BreakerState state, DateTimeOffset now, BreakerRules rules)
    {
        switch (state.Phase)
        {
            case BreakerPhase.Closed:
                return new(state, state.Epoch, now);
            case BreakerPhase.Open when now >= state.Until:
                var half = state with
                {
                    Phase = BreakerPhase.HalfOpen,
                    Epoch = state.Epoch + 1,
                    Since = now,
                    Until = now + rules.ProbeLongest,
                    ProbesOut = 1,
                    ProbesPassed = 0,
                };
                return new(half, half.Epoch, now);
            case BreakerPhase.HalfOpen when state.ProbesOut < rules.Probes:
                var more = state with
                {
                    ProbesOut = state.ProbesOut + 1,
                    Until = now + rules.ProbeLongest,
                };
                return new(more, more.Epoch, now);
            case BreakerPhase.HalfOpen when now >= state.Until:
                // the silent ones lose their say
                var again = state with
                {
                    Epoch = state.Epoch + 1,
                    ProbesOut = 1,
                    Until = now + rules.ProbeLongest,
                };
                return new(again, again.Epoch, now);
            default:
                return new(state, null, state.Until);
        }
    }

    /// <param name="epoch">That of the call's entry.</param>
    /// <param name="retryAfter">The pause that the provider asks for; null where it asks for none.</param>
    public static BreakerState Report(BreakerState state, int epoch, BreakerVerdict verdict,
        TimeSpan? retryAfter, DateTimeOffset now, BreakerRules rules)
    {
        var isAskedAgain = state is { Phase: BreakerPhase.HalfOpen, Cause: BreakerCause.Asked }
            && epoch == state.Epoch && verdict == BreakerVerdict.Failed && retryAfter > TimeSpan.Zero;
        // a provider that says once more when to come is busy, and no probe of it has failed
        var judged = epoch == state.Epoch && !isAskedAgain ? Judge(state, verdict, now, rules) : state;
        if (retryAfter is not { } asked || asked <= TimeSpan.Zero || verdict == BreakerVerdict.Passed)
        {
            return judged;
        }
        // whoever hears it, and whenever the call began: a pause that is asked for is kept
        var until = now + (asked < rules.RetryAfterLongest ? asked : rules.RetryAfterLongest);
        return judged.Phase != BreakerPhase.Open
            ? Opened(judged, BreakerCause.Asked, until, judged.Openings, now)
            : judged.Until < until ? judged with { Until = until } : judged;
    }

    /// <summary>How long it stays open the so many-th time in a row.</summary>
    public static TimeSpan Pause(int openings, BreakerRules rules)
    {
        var pause = rules.OpenFirst * Math.Pow(2, Math.Clamp(openings - 1, 0, DoublingsMax));
        return pause < rules.OpenLongest ? pause : rules.OpenLongest;
    }

    private static BreakerState Judge(BreakerState state, BreakerVerdict verdict, DateTimeOffset now,
        BreakerRules rules) => (state.Phase, verdict) switch
        {
            (BreakerPhase.Open, _) => state,
            (_, BreakerVerdict.Gone) =>
                Opened(state, BreakerCause.Gone, now + rules.GoneFor, state.Openings, now),
            (BreakerPhase.HalfOpen, BreakerVerdict.Neutral) => state with { ProbesOut = state.ProbesOut - 1 },
            (BreakerPhase.HalfOpen, BreakerVerdict.Failed) =>
                Failed(state, BreakerCause.ProbeFailed, now, rules),
            (BreakerPhase.HalfOpen, _) => ProbePassed(state, now, rules),
            (_, BreakerVerdict.Neutral) => state,
            (_, _) => Counted(state, verdict == BreakerVerdict.Passed, now, rules),
        };

    private static BreakerState ProbePassed(BreakerState state, DateTimeOffset now, BreakerRules rules) =>
        state.ProbesPassed + 1 < rules.ProbesToClose
            ? state with { ProbesOut = state.ProbesOut - 1, ProbesPassed = state.ProbesPassed + 1 }
            : BreakerState.New with
            {
                Epoch = state.Epoch + 1,
                Since = now,
                WindowFrom = now,
                Openings = state.Openings,
            };

    private static BreakerState Counted(BreakerState state, bool passed, DateTimeOffset now,
        BreakerRules rules)
    {
        var turned = Turned(state, now, rules);
        var counted = turned with
        {
            FailuresInRow = passed ? 0 : turned.FailuresInRow + 1,
            Current = passed ? turned.Current with { Passed = turned.Current.Passed + 1 }
                : turned.Current with { Failed = turned.Current.Failed + 1 },
        };
        return passed ? counted
            : counted.FailuresInRow >= rules.FailuresInRow
                ? Failed(counted, BreakerCause.FailuresInRow, now, rules)
            : IsBad(counted, now, rules) ? Failed(counted, BreakerCause.FailureRate, now, rules)
            : counted;
    }

    private static BreakerState Turned(BreakerState state, DateTimeOffset now, BreakerRules rules)
    {
        var age = now - state.WindowFrom;
        return age < rules.Window ? state
            : state with
            {
                WindowFrom = now,
                Earlier = age < 2 * rules.Window ? state.Current : default,
                Current = default,
            };
    }

    // the window slides: of the one before, the part counts that still lies within
    private static bool IsBad(BreakerState state, DateTimeOffset now, BreakerRules rules)
    {
        var part = 1 - Math.Clamp((now - state.WindowFrom) / rules.Window, 0, 1);
        var calls = state.Current.Calls + (part * state.Earlier.Calls);
        var failed = state.Current.Failed + (part * state.Earlier.Failed);
        return calls >= rules.CallsMin && failed >= rules.FailureRate * calls;
    }

    private static BreakerState Failed(BreakerState state, BreakerCause cause, DateTimeOffset now,
        BreakerRules rules)
    {
        var forgiven = state.Phase == BreakerPhase.Closed && now - state.Since >= rules.Forgiven;
        var openings = (forgiven ? 0 : state.Openings) + 1;
        return Opened(state, cause, now + Pause(openings, rules), openings, now);
    }

    private static BreakerState Opened(BreakerState state, BreakerCause cause, DateTimeOffset until,
        int openings, DateTimeOffset now) => BreakerState.New with
        {
            Phase = BreakerPhase.Open,
            Cause = cause,
            Epoch = state.Epoch + 1,
            Since = now,
            Until = until,
            Openings = openings,
        };
}
