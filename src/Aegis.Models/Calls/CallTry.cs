using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Core.Routing.Breakers;
using Aegis.Models.Caching;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>One try of a call: let in by the model's breaker, its worst case reserved, its body written. It
/// is settled once, whatever comes of it: <see cref="CallTally"/>.</summary>
internal sealed class CallTry : IDisposable
{
    private const int HoldTries = 3;

    private readonly ModelCall call;
    private readonly CancellationTokenSource cancelled;
    private PromptCaches? prompts;

    private CallTry(ModelCall call, ModelRoute route, int epoch, long since, CancellationToken cancel)
    {
        (this.call, Route, Epoch, Since) = (call, route, epoch, since);
        cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancel);
    }

    public ModelRoute Route { get; }

    /// <summary>Of its breaker, when it was let in.</summary>
    public int Epoch { get; }

    public long Since { get; }

    public string? Key { get; private set; }

    public CallCost Worst { get; private set; }

    public IBudgetHold? Hold { get; private set; }

    public TryBody Body { get; private set; }

    /// <summary>The body as it is sent.</summary>
    public PreparedPrompt Prompt { get; private set; }

    /// <summary>Lets a try in and makes it ready.</summary>
    /// <param name="broken">What the client has of a stream that broke; null for nothing.</param>
    /// <returns>The try, or our own refusal.</returns>
    public static async ValueTask<(CallTry? Ready, TryEnd? Refused)> PrepareAsync(RunnerParts parts,
        BreakerBook breakers, ModelCall call, ModelCaller by, IUpstream upstream, ModelRoute route,
        BrokenOff? broken, CancellationToken cancel)
    {
        var entry = breakers.Enter(route.Key, parts.Time.GetUtcNow());
        if (entry.Epoch is not { } epoch)
        {
            return (null, TryEnd.Of(CallFailures.Closed(route, entry)) with
            {
                RetryAfter = entry.RetryAt - parts.Time.GetUtcNow(),
            });
        }
        var ready = new CallTry(call, route, epoch, parts.Time.GetTimestamp(), cancel);
        try
        {
            await ready.ReserveAsync(parts, by, upstream, broken, cancel);
            return (ready, null);
        }
        catch (AegisException e)
        {
            ready.Drop(breakers, parts.Time);
            return (null, TryEnd.Of(e.Error));
        }
        catch
        {
            ready.Drop(breakers, parts.Time);
            throw;
        }
    }

    /// <exception cref="OperationCanceledException">The caller went away, or the try was
    /// cancelled.</exception>
    public async ValueTask<UpstreamAnswer> SendAsync(IUpstream upstream)
    {
        var (target, path) = (Route.Target(Key), TryBody.PathOf(call.Kind));
        var answer = await upstream.SendAsync(target, path, Prompt.Body, cancelled.Token, call.ContentType);
        if (answer.Failure is not { } failure || !Prompt.IsStale(failure))
        {
            return answer;
        }
        answer.Dispose();
        prompts?.Forget(Prompt);
        return await upstream.SendAsync(target, path, Prompt.Original, cancelled.Token, call.ContentType);
    }

    /// <summary>Another try has brought the answer.</summary>
    public void Cancel() => cancelled.Cancel();

    public void Dispose() => cancelled.Dispose();

    private void Drop(BreakerBook breakers, TimeProvider time)
    {
        Hold?.Release();
        Dispose();
        breakers.Report(Route.Key, Epoch, BreakerVerdict.Neutral, null, time.GetUtcNow());
    }

    private async ValueTask ReserveAsync(RunnerParts parts, ModelCaller by, IUpstream upstream,
        BrokenOff? broken, CancellationToken cancel)
    {
        Key = await KeyAsync(parts, by, cancel);
        var output = CallTokens.OutputMax(call, Route, by.Profile.Generation.TokensMax);
        if (by.Purse is { } purse)
        {
            output = await HoldAsync(purse, upstream, output, cancel);
        }
        Body = TryBody.Of(call, Route, output, broken);
        prompts = call.Kind == AnswerKind.Chat && by.Profile.Cache.Prompts && by.Profile.Rehearsal is null
            ? parts.Prompts : null;
        Prompt = prompts is null ? new(Body.Bytes, Body.Bytes, PromptUse.None)
            : await prompts.PrepareAsync(Route.Target(Key), Body.Bytes, call.Outline!.HasCacheMarks,
                Route.Price, by.Purse?.LeftUsd is not null, cancelled.Token);
    }

    // what is left may shrink between the look at it and the reservation: then less is asked for once more
    private async ValueTask<int?> HoldAsync(
        IPurse purse, IUpstream upstream, int? output, CancellationToken cancel)
    {
        for (var again = HoldTries; ; again--)
        {
            var affordable = upstream.Priced is null && purse.LeftUsd is { } left
                ? CallTokens.Affordable(call, Route, output, left) : output;
            Worst = upstream.Priced ?? CallTokens.WorstCase(call, Route, affordable);
            try
            {
                Hold = await purse.ReserveAsync(Worst, cancel);
                return affordable;
            }
            catch (AegisException e) when (again > 1 && affordable < output && IsSpent(e))
            {
                // the next look sees what others have taken
            }
        }
    }

    private static bool IsSpent(AegisException e) => e.Error.Code is "AEGIS2370" or "AEGIS2341";

    private async ValueTask<string?> KeyAsync(RunnerParts parts, ModelCaller by, CancellationToken cancel)
    {
        if (Route.KeyName is not { } name || by.Profile.Rehearsal is not null)
        {
            return null;
        }
        var own = by.Keys is { } keys ? await keys(name, Route.BaseUrl, cancel) : null;
        return own is { Length: > 0 } ? own
            : Route.HostMayLend && parts.HostKey(name) is { Length: > 0 } lent ? lent
            : throw ModelErrors.NoKey(Route.Provider, name);
    }
}
