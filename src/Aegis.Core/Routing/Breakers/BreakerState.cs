namespace Aegis.Core.Routing.Breakers;

public enum BreakerPhase
{
    Closed,
    Open,
    HalfOpen,
}

/// <summary>Why a breaker opened last.</summary>
public enum BreakerCause
{
    None,
    FailuresInRow,
    FailureRate,
    ProbeFailed,

    /// <summary>The provider asked for a pause (Retry-After).</summary>
    Asked,

    /// <summary>The provider does not know the model.</summary>
    Gone,
}

/// <summary>How a call ended for its breaker.</summary>
public enum BreakerVerdict
{
    Passed,
    Failed,

    /// <summary>The provider does not know the model.</summary>
    Gone,

    /// <summary>Says nothing: cancelled, or the caller's fault.</summary>
    Neutral,
}

/// <summary>A breaker at one moment; <see cref="Breaker"/> moves it on.</summary>
/// <param name="Epoch">Grows with each change of phase. A call carries the one in which it was let in; what
/// it reports in another one is old news.</param>
/// <param name="Since">When the phase began.</param>
/// <param name="Until">Open: when it may be tried. Half open: when a silent probe is given up.</param>
/// <param name="Openings">In a row, without a long good time between them: they double the pause.</param>
/// <param name="Earlier">The window before the one that is counted now.</param>
public sealed record BreakerState(
    BreakerPhase Phase,
    BreakerCause Cause,
    int Epoch,
    DateTimeOffset Since,
    DateTimeOffset Until,
    int Openings,
    int FailuresInRow,
    int ProbesOut,
    int ProbesPassed,
    DateTimeOffset WindowFrom,
    BreakerCount Current,
    BreakerCount Earlier)
{
    public static BreakerState New { get; } = new(BreakerPhase.Closed, BreakerCause.None, 0,
        DateTimeOffset.MinValue, DateTimeOffset.MinValue, 0, 0, 0, 0, DateTimeOffset.MinValue, default,
        default);

    /// <summary>Whether a call may be let in now; only <see cref="Breaker.Enter"/> lets one in.</summary>
    public bool MayEnter(DateTimeOffset now) => Phase switch
    {
        BreakerPhase.Closed => true,
        BreakerPhase.Open => now >= Until,
        _ => ProbesOut == 0 || now >= Until,
    };
}

/// <summary>Calls of one window.</summary>
public readonly record struct BreakerCount(int Passed, int Failed)
{
    public int Calls => Passed + Failed;
}

/// <summary>A call that asks to be let in.</summary>
/// <param name="Epoch">To be handed back with the call's end; null where it is refused.</param>
/// <param name="RetryAt">When a refused one may ask again.</param>
public readonly record struct BreakerEntry(BreakerState State, int? Epoch, DateTimeOffset RetryAt);
