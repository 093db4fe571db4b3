using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Failures;
using Aegis.Core.Routing.Learning;
using Xunit.Abstractions;
using static Aegis.Core.Tests.Routing.RoutingSamples;

namespace Aegis.Core.Tests.Routing;

public sealed class CallRetriesTests(ITestOutputHelper output)
{
    private static readonly CallProgress First = new(1, 1, 2, TimeSpan.Zero);

    /// <summary>The table of docs/models-routing.md.</summary>
    [Theory]
    [InlineData(CallFailureKind.RateLimited, NextStep.SameAgain, NextStep.NextModel, false)]
    [InlineData(CallFailureKind.QuotaSpent, NextStep.NextModel, NextStep.NextModel, false)]
    [InlineData(CallFailureKind.Unavailable, NextStep.SameAgain, NextStep.NextModel, false)]
    [InlineData(CallFailureKind.ServerError, NextStep.SameAgain, NextStep.NextModel, true)]
    [InlineData(CallFailureKind.NotConnected, NextStep.SameAgain, NextStep.NextModel, false)]
    [InlineData(CallFailureKind.ConnectionLost, NextStep.NextModel, NextStep.NextModel, true)]
    [InlineData(CallFailureKind.TimedOut, NextStep.NextModel, NextStep.NextModel, true)]
    [InlineData(CallFailureKind.BadAnswer, NextStep.SameAgain, NextStep.NextModel, true)]
    [InlineData(CallFailureKind.ModelNotFound, NextStep.NextModel, NextStep.NextModel, false)]
    [InlineData(CallFailureKind.ContextTooLong, NextStep.NextModel, NextStep.NextModel, false)]
    [InlineData(CallFailureKind.KeyRefused, NextStep.NextModel, NextStep.NextModel, false)]
    [InlineData(CallFailureKind.ContentRefused, NextStep.End, NextStep.End, true)]
    [InlineData(CallFailureKind.BadRequest, NextStep.End, NextStep.End, false)]
    [InlineData(CallFailureKind.Cancelled, NextStep.End, NextStep.End, true)]
    public void Failure_LeadsToWhatTheTableSays(CallFailureKind kind, NextStep first, NextStep triedOut,
        bool mayBeCharged)
    {
        var failure = new CallFailure(kind);
        Assert.Equal(first, Next(failure, First));
        Assert.Equal(triedOut, Next(failure, First with { TriesOfThisModel = 3, Tries = 3 }));
        Assert.Equal(NextStep.End,
            Next(failure, First with { TriesOfThisModel = 3, Tries = 3, ModelsLeft = 0 }));
        Assert.Equal(mayBeCharged, FailureRule.Of(kind).MayBeCharged);
    }

    [Fact]
    public void EveryKind_HasItsRule_AndHearsNoBlameForTheCaller()
    {
        foreach (var kind in Enum.GetValues<CallFailureKind>())
        {
            var rule = FailureRule.Of(kind);
            Assert.True(rule.SameAgain is false || rule.NextModel, $"{kind}");
            Assert.True(rule.NextModel
                || (rule.Breaker, rule.Outcome) == (BreakerVerdict.Neutral, CallOutcome.Neutral));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => FailureRule.Of((CallFailureKind)99));
    }

    [Theory]
    [InlineData(429, null, CallFailureKind.RateLimited)]
    [InlineData(429, "insufficient_quota", CallFailureKind.QuotaSpent)]
    [InlineData(402, null, CallFailureKind.QuotaSpent)]
    [InlineData(404, "model_not_found", CallFailureKind.ModelNotFound)]
    [InlineData(404, null, CallFailureKind.ModelNotFound)]
    [InlineData(400, "model_not_found", CallFailureKind.ModelNotFound)]
    [InlineData(400, "context_length_exceeded", CallFailureKind.ContextTooLong)]
    [InlineData(413, "request_too_large", CallFailureKind.ContextTooLong)]
    [InlineData(400, "content_filter", CallFailureKind.ContentRefused)]
    [InlineData(400, "invalid_request_error", CallFailureKind.BadRequest)]
    [InlineData(422, null, CallFailureKind.BadRequest)]
    [InlineData(401, null, CallFailureKind.KeyRefused)]
    [InlineData(403, null, CallFailureKind.KeyRefused)]
    [InlineData(408, null, CallFailureKind.TimedOut)]
    [InlineData(500, null, CallFailureKind.ServerError)]
    [InlineData(500, "overloaded_error", CallFailureKind.Unavailable)]
    [InlineData(502, null, CallFailureKind.ServerError)]
    [InlineData(503, null, CallFailureKind.Unavailable)]
    [InlineData(504, null, CallFailureKind.TimedOut)]
    [InlineData(529, "overloaded_error", CallFailureKind.Unavailable)]
    public void Status_IsItsKind(int status, string? code, CallFailureKind kind) =>
        Assert.Equal(kind, CallFailure.KindOf(status, code));

    [Fact]
    public void Backoff_HasFullJitter_AndItsBound()
    {
        var rules = RetryRules.Default;
        Assert.Equal([0.25, 0.5, 1, 2, 4, 8, 8, 8],
            Enumerable.Range(1, 8).Select(i => CallRetries.Backoff(i, rules).TotalSeconds));
        var random = Seeded.Random(output);
        for (var i = 0; i < 1_000; i++)
        {
            var tries = random.Next(1, 3);
            var wait = CallRetries.Next(new(CallFailureKind.Unavailable),
                First with { TriesOfThisModel = tries }, rules, random.NextDouble()).Wait;
            Assert.InRange(wait, TimeSpan.Zero, CallRetries.Backoff(tries, rules));
        }
        TimeSpan At(double chance) =>
            CallRetries.Next(new(CallFailureKind.Unavailable), First, rules, chance).Wait;
        Assert.Equal((TimeSpan.Zero, CallRetries.Backoff(1, rules)), (At(0), At(1)));
    }

    [Fact]
    public void RetryAfter_IsKept_OrTheNextModelIsAsked()
    {
        RetryDecision After(double seconds, CallProgress progress) => CallRetries.Next(
            new(CallFailureKind.RateLimited, TimeSpan.FromSeconds(seconds)), progress, RetryRules.Default,
            0.5);
        Assert.Equal(TimeSpan.FromSeconds(20.125), After(20, First).Wait);
        Assert.Equal(NextStep.NextModel, After(31, First).Step);
        Assert.Equal(NextStep.NextModel, After(20, First with { Waited = TimeSpan.FromSeconds(10) }).Step);
        Assert.Equal(NextStep.End, After(31, First with { ModelsLeft = 0 }).Step);
    }

    [Fact]
    public void TriesOfACall_AtTheMaximum_AndOnePastIt()
    {
        var rules = RetryRules.Default with { Tries = 1_000, TriesOfAModel = 1_000 };
        CallProgress After(int tries) => new(1, tries, 5, TimeSpan.Zero);
        var failure = new CallFailure(CallFailureKind.Unavailable);
        Assert.Equal(NextStep.SameAgain,
            CallRetries.Next(failure, After(RetryRules.TriesOfACallMax - 1), rules, 0).Step);
        Assert.Equal(NextStep.End,
            CallRetries.Next(failure, After(RetryRules.TriesOfACallMax), rules, 0).Step);
    }

    [Theory]
    [InlineData("120", null, 120)]
    [InlineData(" 1.5 ", null, 1.5)]
    [InlineData("0", null, 0)]
    [InlineData("2", "350", 0.35)]
    [InlineData("2", "soon", 2)]
    [InlineData("Fri, 27 Nov 2026 12:00:30 GMT", null, 30)]
    [InlineData("Friday, 27-Nov-26 12:00:30 GMT", null, 30)]
    [InlineData("Fri Nov 27 12:00:30 2026", null, 30)]
    [InlineData("Fri, 27 Nov 2026 11:00:00 GMT", null, 0)]
    [InlineData("86400", null, 86_400)]
    [InlineData("86401", null, 86_400)]
    [InlineData("99999999999999999999999", null, 86_400)]
    [InlineData("Fri, 27 Nov 2099 11:00:00 GMT", null, 86_400)]
    public void RetryAfter_IsRead(string? header, string? ms, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryAfter.Read(header, ms, Noon));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("NaN")]
    [InlineData("1e9")]
    [InlineData("2026-11-27T12:00:30Z")]
    public void RetryAfter_ThatSaysNothing_IsNone(string? header) =>
        Assert.Null(RetryAfter.Read(header, null, Noon));

    private static NextStep Next(CallFailure failure, CallProgress progress) =>
        CallRetries.Next(failure, progress, RetryRules.Default, 0.5).Step;
}
