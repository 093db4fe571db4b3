using System.IO.Pipelines;
using Aegis.Core.Errors;
using Aegis.Core.Routing.Failures;
using Aegis.Core.Runs.Models;
using Aegis.Models.Caching;
using Aegis.Models.Learning;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>
/// One call on its way: try after try, until one brings the answer or none is left. Each try is let in and
/// paid for beforehand (<see cref="CallTry"/>), sent, read whole or handed on as it comes, and settled. A
/// stream that breaks is gone on with by the next try where that can be done without a gap and without saying
/// anything twice (decision 0056).
/// </summary>
internal sealed class CallRun(RunnerParts parts, ModelCall call, ModelCaller by, IUpstream upstream,
    CallChain chain, string taskType, Func<PipeWriter>? begin)
{
    private readonly CallTally tally = new(parts, call, by, upstream, chain, taskType);
    private StreamRelay? relay;
    private ChatCall? neutral;
    private CallCaching caching = CallCaching.None;
    private bool hasDiverged;
    private int at;

    private ChatCall Neutral => neutral ??= ChatTranslation.ReadCall(call.Body.Span, call.Protocol);

    private int ModelsLeft => chain.Routes.Length - at - 1;

    /// <summary>Tries until the end.</summary>
    public async ValueTask<ModelCallEnd> RunAsync(CancellationToken cancel)
    {
        if (await CachedAsync(chain.Routes[0], cancel) is { } before)
        {
            return before;
        }
        var (ofThisModel, waited) = (0, TimeSpan.Zero);
        while (true)
        {
            ofThisModel++;
            var done = await TryAsync(cancel);
            if (done.Answer is { } answer)
            {
                return answer;
            }
            var next = Next(done, ofThisModel, waited);
            if (next.Step == NextStep.End)
            {
                return await FailedAsync(done, cancel);
            }
            if (next.Step == NextStep.NextModel)
            {
                (at, ofThisModel) = (at + 1, 0);
            }
            else if (next.Wait > TimeSpan.Zero)
            {
                waited += next.Wait;
                if (!await PausedAsync(next.Wait, cancel))
                {
                    return Aborted();
                }
            }
        }
    }

    private async ValueTask<bool> PausedAsync(TimeSpan wait, CancellationToken cancel)
    {
        try
        {
            // a timer may go off some milliseconds early, and a breaker that is open until then would refuse
            var begun = parts.Time.GetTimestamp();
            for (var left = wait; left > TimeSpan.Zero; left = wait - parts.Time.GetElapsedTime(begun))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), parts.Time,
                    cancel);
            }
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private RetryDecision Next(TryEnd done, int ofThisModel, TimeSpan waited)
    {
        if (done.Refused is { } refused)
        {
            return new(ModelsLeft > 0 ? NextStep.NextModel : NextStep.End, TimeSpan.Zero, refused.Message);
        }
        var failure = done.Failure!;
        var progress = new CallProgress(ofThisModel, tally.Tries, ModelsLeft, waited);
        if (relay is not { HasBegun: true, Given.IsEmpty: false } begun)
        {
            return CallRetries.Next(new(CallFailures.KindOf(failure), failure.RetryAfter), progress,
                parts.Retries, parts.Chance());
        }
        // part of the answer is with the client: only who can go on with it is asked
        var again = ModelsLeft == 0;
        return tally.Tries >= parts.Retries.Tries || (again && ofThisModel >= parts.Retries.TriesOfAModel)
            || StreamRecovery.Plan(begun.Given, Neutral, again, hasDiverged) == RecoveryKind.None
            ? new(NextStep.End, TimeSpan.Zero, "a part of the answer is with the caller already")
            : new(again ? NextStep.SameAgain : NextStep.NextModel, TimeSpan.Zero,
                "the answer is gone on with");
    }

    private async ValueTask<TryEnd> TryAsync(CancellationToken cancel)
    {
        var broken = relay is { HasBegun: true } begun
            ? new BrokenOff(begun.Given, Neutral, tally.LastModel == chain.Routes[at].Model, hasDiverged)
            : null;
        CallTry? made = null;
        try
        {
            (made, var refused) = await CallTry.PrepareAsync(
                parts, tally.Breakers, call, by, upstream, chain.Routes[at], broken, cancel);
            if (made is null)
            {
                return refused!;
            }
            UpstreamAnswer answer;
            (made, answer) = await SendAsync(made, broken, cancel);
            using (answer)
            {
                var end = await ReadAsync(made, answer, cancel);
                tally.Settle(made, end);
                return end.Failure is null ? TryEnd.Of(Answered(made.Route, end)) : end;
            }
        }
        catch (OperationCanceledException)
        {
            if (made is not null)
            {
                tally.Abort(made, relay?.Given);
            }
            return TryEnd.Of(Aborted());
        }
        finally
        {
            made?.Dispose();
        }
    }

    private async ValueTask<(CallTry, UpstreamAnswer)> SendAsync(
        CallTry made, BrokenOff? broken, CancellationToken cancel)
    {
        if (!call.Hedge || ModelsLeft == 0 || broken is not null)
        {
            return (made, await made.SendAsync(upstream));
        }
        var other = chain.Routes[at + 1];
        return await HedgedSend.SendAsync(parts, by, taskType, upstream, tally, made,
            async () => (await CallTry.PrepareAsync(
                parts, tally.Breakers, call, by, upstream, other, null, cancel)).Ready, cancel);
    }

    // a rehearsal says the same each time already
    private async ValueTask<ModelCallEnd?> CachedAsync(ModelRoute route, CancellationToken cancel)
    {
        if (by.Profile.Rehearsal is not null)
        {
            return null;
        }
        caching = CallCaching.Of(parts.Answers, call, by, new(null, by.Profile.Generation.TokensMax));
        try
        {
            if (await caching.FindAsync(route, cancel) is not { } kept
                || await CallCaching.GiveAsync(kept, call, route, parts.Time.GetUtcNow().ToUnixTimeSeconds(),
                    begin, cancel) is not { } body)
            {
                return call.Cache.MustUse ? NotKept(route) : null;
            }
            return new(Use(route, route.Model, ModelUse.Answered) with
            {
                Origin = "cached",
                SavedUsd = CallCaching.SavedUsd(kept, route.Price),
            }, body)
            {
                HasBegun = call.Stream && begin is not null,
            };
        }
        catch (OperationCanceledException)
        {
            return Aborted();
        }
    }

    private ModelCallEnd NotKept(ModelRoute route)
    {
        var error = CacheErrors.NotKept(caching.Verdict).Error;
        return new(Use(route, route.Model, ModelUse.Failed), default, CallFailures.Wire(error), error);
    }

    private async ValueTask<TryEnd> ReadAsync(
        CallTry made, UpstreamAnswer answer, CancellationToken cancel) =>
        answer.Failure is { } failure ? TryEnd.Of(failure)
            : call.Stream && begin is not null && answer.IsEventStream
                ? await RelayAsync(made, answer, cancel)
            : await WholeAsync(made, answer, cancel);

    private async ValueTask<TryEnd> RelayAsync(CallTry made, UpstreamAnswer answer, CancellationToken cancel)
    {
        var route = made.Route;
        relay ??= new StreamRelay(call.Protocol, new StreamHead(CallIds.New(call.Protocol), route.Model,
            parts.Time.GetUtcNow().ToUnixTimeSeconds(), call.Outline!.StreamUsage), begin!());
        var end = await relay.RunAsync(
            answer.Body!, route.Protocol, made.Body.Recovery, parts.QuietTimeout, cancel);
        hasDiverged |= end.Outcome == RelayOutcome.Diverged;
        var used = CallTokens.Used(call, end.Usage, relay.Given);
        if (end.Outcome != RelayOutcome.Finished)
        {
            return TryEnd.Of(CallFailures.Of(end)) with
            {
                Used = used,
                IsNobodysFault = end.Outcome == RelayOutcome.Diverged,
            };
        }
        await relay.CompleteAsync(cancel);
        if (made.Body.Recovery == RecoveryKind.Fresh)
        {
            caching.Keep(call, route, relay.Given, new StreamHead(CallIds.New(call.Protocol),
                relay.Model is { Length: > 0 } name ? name : route.Model,
                parts.Time.GetUtcNow().ToUnixTimeSeconds(), ShowUsage: true), end.Usage);
        }
        return new TryEnd(Used: used, Model: relay.Model is { Length: > 0 } told ? told : route.Model);
    }

    private async ValueTask<TryEnd> WholeAsync(CallTry made, UpstreamAnswer answer, CancellationToken cancel)
    {
        var read = await answer.ReadAsync(cancel);
        if (read.Bytes is not { } bytes)
        {
            return TryEnd.Of(read.Failure!);
        }
        var whole = WholeAnswer.Read(call, made.Route, bytes, parts.Time.GetUtcNow());
        if (whole is { Wrong: null, SchemaValid: not false })
        {
            caching.Keep(call, made.Route, bytes, made.Key);
        }
        return whole.Wrong is { } wrong
            ? TryEnd.Of(new UpstreamFailure(UpstreamFailureKind.Malformed, wrong, answer.Status))
            : new TryEnd(Used: CallTokens.Used(call, whole.Usage, null),
                Model: whole.Model ?? made.Route.Model, Body: whole.Body)
            {
                ContentType = WholeAnswer.ContentTypeOf(call.Kind, answer.ContentType),
                SchemaValid = whole.SchemaValid,
            };
    }

    private ModelCallEnd Answered(ModelRoute route, TryEnd end)
    {
        var use = Use(route, AnsweredName.Of(end.Model!, route.Model), ModelUse.Answered) with
        {
            SchemaValid = end.SchemaValid,
        };
        if (ModelUseFacts.OfSchema(use, by.Tenancy.Tenant, parts.Time.GetUtcNow()) is { } verdict)
        {
            parts.Memory.Report(verdict);
        }
        return new(use, end.Body)
        {
            ContentType = end.ContentType,
            HasBegun = relay is { HasBegun: true },
        };
    }

    private ModelCallEnd Aborted() =>
        new(Use(chain.Routes[at], chain.Routes[at].Model, ModelUse.Aborted), default);

    private async ValueTask<ModelCallEnd> FailedAsync(TryEnd done, CancellationToken cancel)
    {
        var route = chain.Routes[at];
        // a model that rests by now says less than how it failed
        var shown = done.Failure ?? (done.RetryAfter is null ? null : tally.LastFailure);
        var error = shown?.ToException(route.Provider, parts.HeaderTimeout).Error ?? done.Refused!;
        var failure = shown is null ? CallFailures.Wire(error) : CallFailures.Wire(shown, error);
        if (relay is { HasBegun: true })
        {
            try
            {
                await relay.FailAsync(failure, cancel);
            }
            catch (OperationCanceledException)
            {
                return Aborted();
            }
        }
        return new(Use(route, route.Model, ModelUse.Failed), default, failure, error)
        {
            RetryAfter = done.Failure?.RetryAfter ?? done.RetryAfter,
            HasBegun = relay is { HasBegun: true },
        };
    }

    private ModelUse Use(ModelRoute route, string model, string outcome) =>
        tally.Use(route, model, outcome, relay?.BegunAt ?? 0);
}
