using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Routing.Failures;

/// <summary>What follows from a kind of failure.</summary>
/// <param name="SameAgain">The same model may be asked again.</param>
/// <param name="NextModel">Another one may be asked.</param>
/// <param name="MayBeCharged">The provider may have worked on it and count it: its reserved money stays
/// spent.</param>
/// <param name="Breaker">What its breaker hears.</param>
/// <param name="Outcome">What is learned of the model.</param>
public sealed record FailureRule(bool SameAgain, bool NextModel, bool MayBeCharged, BreakerVerdict Breaker,
    CallOutcome Outcome)
{
    public static FailureRule Of(CallFailureKind kind) => kind switch
    {
        CallFailureKind.RateLimited =>
            new(true, true, false, BreakerVerdict.Failed, CallOutcome.RateLimited),
        CallFailureKind.QuotaSpent =>
            new(false, true, false, BreakerVerdict.Failed, CallOutcome.RateLimited),
        CallFailureKind.Unavailable =>
            new(true, true, false, BreakerVerdict.Failed, CallOutcome.ServerError),
        CallFailureKind.ServerError =>
            new(true, true, true, BreakerVerdict.Failed, CallOutcome.ServerError),
        CallFailureKind.NotConnected =>
            new(true, true, false, BreakerVerdict.Failed, CallOutcome.ServerError),
        CallFailureKind.ConnectionLost =>
            new(false, true, true, BreakerVerdict.Failed, CallOutcome.ServerError),
        CallFailureKind.TimedOut => new(false, true, true, BreakerVerdict.Failed, CallOutcome.TimedOut),
        CallFailureKind.BadAnswer => new(true, true, true, BreakerVerdict.Failed, CallOutcome.BadAnswer),
        CallFailureKind.ModelNotFound =>
            new(false, true, false, BreakerVerdict.Gone, CallOutcome.ModelNotFound),
        CallFailureKind.ContextTooLong =>
            new(false, true, false, BreakerVerdict.Neutral, CallOutcome.Neutral),
        CallFailureKind.KeyRefused => new(false, true, false, BreakerVerdict.Failed, CallOutcome.Neutral),
        CallFailureKind.ContentRefused =>
            new(false, false, true, BreakerVerdict.Neutral, CallOutcome.Neutral),
        CallFailureKind.BadRequest => new(false, false, false, BreakerVerdict.Neutral, CallOutcome.Neutral),
        CallFailureKind.Cancelled => new(false, false, true, BreakerVerdict.Neutral, CallOutcome.Neutral),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
