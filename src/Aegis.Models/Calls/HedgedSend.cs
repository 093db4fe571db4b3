using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>
/// Sends a try, and where it takes longer than all but a few calls of its model do, a second one to the next
/// model beside it; the first that answers wins. The other is cancelled, and its worst case stays spent: its
/// provider may have made the answer. So a hedge costs money, and only who asks for it gets one.
/// </summary>
internal static class HedgedSend
{
    // 19 of 20 calls are answered before a second is sent
    private const double Deviations = 1.645;

    /// <param name="second">Makes the second try ready; null where there is no other model, or it is
    /// refused.</param>
    public static async ValueTask<(CallTry Try, UpstreamAnswer Answer)> SendAsync(RunnerParts parts,
        ModelCaller by, string taskType, IUpstream upstream, CallTally tally, CallTry first,
        Func<ValueTask<CallTry?>> second, CancellationToken cancel)
    {
        var sending = first.SendAsync(upstream).AsTask();
        var slow = TimeSpan.FromMilliseconds(parts.Memory.Learning
            .View(by.Tenancy.Tenant, taskType, parts.Time.GetUtcNow()).SlowMs(first.Route.Key, Deviations));
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (await Task.WhenAny(sending, Task.Delay(slow, parts.Time, waiting.Token)) == sending
            || cancel.IsCancellationRequested || await second() is not { } other)
        {
            await waiting.CancelAsync();
            return (first, await sending);
        }
        try
        {
            return await RaceAsync(tally, (first, sending), (other, other.SendAsync(upstream).AsTask()));
        }
        catch (OperationCanceledException)
        {
            tally.Lose(other);
            other.Dispose();
            throw;
        }
    }

    private static async ValueTask<(CallTry, UpstreamAnswer)> RaceAsync(
        CallTally tally, (CallTry Try, Task<UpstreamAnswer> Sent) first,
        (CallTry Try, Task<UpstreamAnswer> Sent) other)
    {
        var (winner, loser) = await Task.WhenAny(first.Sent, other.Sent) == first.Sent
            ? (first, other) : (other, first);
        var answer = await winner.Sent;
        if (answer.Failure is { } failure)
        {
            // a failure wins nothing while the other one is still on its way
            answer.Dispose();
            answer = await loser.Sent;
            tally.Settle(winner.Try, TryEnd.Of(failure));
            winner.Try.Dispose();
            return (loser.Try, answer);
        }
        loser.Try.Cancel();
        tally.Lose(loser.Try);
        _ = DropAsync(loser.Sent, loser.Try);
        return (winner.Try, answer);
    }

    private static async Task DropAsync(Task<UpstreamAnswer> sent, CallTry loser)
    {
        try
        {
            (await sent).Dispose();
        }
        catch (OperationCanceledException)
        {
            // as it was told
        }
        finally
        {
            loser.Dispose();
        }
    }
}
