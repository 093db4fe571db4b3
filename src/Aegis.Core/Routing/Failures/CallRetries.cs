namespace Aegis.Core.Routing.Failures;

/// <summary>How often and how long is tried.</summary>
public sealed record RetryRules
{
    public const int TriesOfACallMax = 20;

    /// <summary>Of one model, the first included.</summary>
    public int TriesOfAModel { get; init; } = 3;

    /// <summary>Of the whole call, over all models.</summary>
    public int Tries { get; init; } = 6;

    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>A call waits no longer than this altogether; what would need more goes to the next model, or
    /// ends.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(30);

    public static RetryRules Default { get; } = new();
}

/// <summary>Where a call stands when a try has failed.</summary>
/// <param name="TriesOfThisModel">Made so far, the failed one included.</param>
/// <param name="Tries">Of the whole call.</param>
/// <param name="ModelsLeft">Fallbacks that were not tried yet.</param>
/// <param name="Waited">Between tries, so far.</param>
public readonly record struct CallProgress(int TriesOfThisModel, int Tries, int ModelsLeft, TimeSpan Waited);

public enum NextStep
{
    SameAgain,
    NextModel,
    End,
}

/// <param name="Wait">Before the next try; 0 for another model, and at the end.</param>
/// <param name="Why">In words, for the record.</param>
public readonly record struct RetryDecision(NextStep Step, TimeSpan Wait, string Why);

/// <summary>What comes after a failed try: the same model again after a pause, the next model, or the end.
/// The pause has full jitter (anything up to the bound, so that callers who failed together do not come back
/// together) on top of what the provider asks for.</summary>
public static class CallRetries
{
    /// <param name="chance">From 0 to 1.</param>
    public static RetryDecision Next(CallFailure failure, CallProgress progress, RetryRules rules,
        double chance)
    {
        var rule = FailureRule.Of(failure.Kind);
        if (progress.Tries >= Math.Min(rules.Tries, RetryRules.TriesOfACallMax))
        {
            return new(NextStep.End, TimeSpan.Zero, $"it was tried {progress.Tries} times");
        }
        if (rule.SameAgain && progress.TriesOfThisModel < rules.TriesOfAModel)
        {
            var wait = (failure.RetryAfter ?? TimeSpan.Zero)
                + (Backoff(progress.TriesOfThisModel, rules) * chance);
            if (progress.Waited + wait <= rules.LongestWait)
            {
                return new(NextStep.SameAgain, wait, failure.RetryAfter is null
                    ? "it may pass" : "the provider says when to come again");
            }
        }
        return !rule.NextModel ? new(NextStep.End, TimeSpan.Zero, "another model would answer the same")
            : progress.ModelsLeft > 0 ? new(NextStep.NextModel, TimeSpan.Zero, "another model may answer")
            : new(NextStep.End, TimeSpan.Zero, "no other model is left");
    }

    /// <summary>The longest pause after so many tries.</summary>
    public static TimeSpan Backoff(int tries, RetryRules rules)
    {
        var pause = rules.FirstBackoff * Math.Pow(2, Math.Clamp(tries - 1, 0, 20));
        return pause < rules.LongestBackoff ? pause : rules.LongestBackoff;
    }
}
