namespace Aegis.Core.Routing.Learning;

/// <summary>How a model serves, faded to <paramref name="At"/>: whether it answers, and how fast.</summary>
/// <param name="Answers">Answers and failures, with the short memory.</param>
/// <param name="AnswersLong">The same with the long one.</param>
/// <param name="CallMs">Milliseconds of a call.</param>
/// <param name="TokenMs">Milliseconds of a call for each token of its answer.</param>
/// <param name="Output">Tokens of an answer.</param>
public sealed record ServiceArm(Share Answers, Share AnswersLong, Spread CallMs, Spread TokenMs,
    Spread Output, DateTimeOffset At)
{
    internal static ServiceArm Empty { get; } =
        new(default, default, default, default, default, DateTimeOffset.MinValue);

    /// <summary>Without a new arm: a choice asks for each of its candidates.</summary>
    internal ServiceNow Now(DateTimeOffset now, LearningRules rules)
    {
        var left = SteadyMath.Fade(now - At, rules.ServiceHalfLife);
        return new(Answers.Faded(left), CallMs.Faded(left), TokenMs.Faded(left), Output.Faded(left));
    }

    internal ServiceArm Add(ModelCallSettled call, double weight, LearningRules rules)
    {
        var now = To(call.At, rules);
        var late = now.At - call.At;
        var recent = weight * SteadyMath.Fade(late, rules.ServiceHalfLife);
        var answered = call.Outcome == CallOutcome.Answered;
        var value = answered ? 1 : 0;
        now = now with
        {
            Answers = now.Answers.With(value, recent),
            AnswersLong = now.AnswersLong.With(value,
                weight * SteadyMath.Fade(late, rules.LongServiceHalfLife)),
        };
        // a call that timed out took at least so long
        return answered || call.Outcome == CallOutcome.TimedOut
            ? now.Timed(call.Took.TotalMilliseconds, answered ? call.OutputTokens : 0, recent)
            : now;
    }

    private ServiceArm Timed(double ms, long tokens, double weight) => this with
    {
        CallMs = CallMs.With(ms, weight),
        TokenMs = tokens > 0 ? TokenMs.With(ms / tokens, weight) : TokenMs,
        Output = tokens > 0 ? Output.With(tokens, weight) : Output,
    };

    internal ServiceArm To(DateTimeOffset now, LearningRules rules)
    {
        if (now <= At)
        {
            return this;
        }
        var recent = SteadyMath.Fade(now - At, rules.ServiceHalfLife);
        return new(Answers.Faded(recent),
            AnswersLong.Faded(SteadyMath.Fade(now - At, rules.LongServiceHalfLife)),
            CallMs.Faded(recent), TokenMs.Faded(recent), Output.Faded(recent), now);
    }
}

/// <summary>The short memory of a <see cref="ServiceArm"/> at a moment.</summary>
internal readonly record struct ServiceNow(Share Answers, Spread CallMs, Spread TokenMs, Spread Output);
