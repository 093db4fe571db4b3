using System.Collections.Immutable;
using System.IO.Pipelines;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Failures;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs.Models;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>
/// One call on its way: try after try, until one brings the answer or none is left. 1. let in by the model's
/// breaker; 2. the worst case reserved; 3. sent; 4. read whole, or handed on as it comes; 5. settled, and
/// what it showed of the model reported. A stream that breaks is gone on with by the next try where that can
/// be done without a gap and without saying anything twice (decision 0056).
/// </summary>
internal sealed class CallRun(RunnerParts parts, ModelCall call, ModelCaller by, IUpstream upstream,
    CallChain chain, string taskType, Func<PipeWriter>? begin)
{
    private readonly long started = parts.Time.GetTimestamp();
    private readonly List<ModelTry> tries = [];
    private readonly BreakerBook breakers = parts.Memory.Breakers(by.Tenancy.Tenant);
    private CallCost spent;
    private ModelTokens tokens = ModelTokens.None;
    private StreamRelay? relay;
    private ChatCall? neutral;
    private UpstreamFailure? lastFailure;
    private bool hasDiverged;

    /// <summary>Tries until the end.</summary>
    public async ValueTask<ModelCallEnd> RunAsync(CancellationToken cancel)
    {
        var (at, ofThisModel, waited) = (0, 0, TimeSpan.Zero);
        while (true)
        {
            var route = chain.Routes[at];
            ofThisModel++;
            var done = await TryAsync(route, cancel);
            if (done.Answer is { } answer)
            {
                return answer;
            }
            var left = chain.Routes.Length - at - 1;
            var next = done.Refused is { } refused
                ? new RetryDecision(
                    left > 0 ? NextStep.NextModel : NextStep.End, TimeSpan.Zero, refused.Message)
                : Next(done, new CallProgress(ofThisModel, tries.Count, left, waited), route);
            if (next.Step == NextStep.End)
            {
                return await FailedAsync(route, done, cancel);
            }
            if (next.Step == NextStep.NextModel)
            {
                (at, ofThisModel) = (at + 1, 0);
            }
            else if (next.Wait > TimeSpan.Zero)
            {
                waited += next.Wait;
                try
                {
                    await Task.Delay(next.Wait, parts.Time, cancel);
                }
                catch (OperationCanceledException)
                {
                    return Aborted(route);
                }
            }
        }
    }

    private RetryDecision Next(TryEnd done, CallProgress progress, ModelRoute route)
    {
        var failure = done.Failure!;
        var kind = CallFailures.KindOf(failure);
        if (relay is not { HasBegun: true, Given.IsEmpty: false } begun)
        {
            return CallRetries.Next(new(kind, failure.RetryAfter), progress, parts.Retries, parts.Chance());
        }
        // part of the answer is with the client: only who can go on with it is asked
        var again = progress.ModelsLeft == 0;
        if (progress.Tries >= parts.Retries.Tries || (again && progress.TriesOfThisModel
            >= parts.Retries.TriesOfAModel)
            || StreamRecovery.Plan(begun.Given, Neutral, again, hasDiverged) == RecoveryKind.None)
        {
            return new(NextStep.End, TimeSpan.Zero, "a part of the answer is with the caller already");
        }
        return new(again ? NextStep.SameAgain : NextStep.NextModel, TimeSpan.Zero, "the answer is gone on with");
    }

    private ChatCall Neutral => neutral ??= ChatTranslation.ReadCall(call.Body.Span, call.Protocol);

    private async ValueTask<TryEnd> TryAsync(ModelRoute route, CancellationToken cancel)
    {
        var entry = breakers.Enter(route.Key, parts.Time.GetUtcNow());
        if (entry.Epoch is not { } epoch)
        {
            return TryEnd.Of(CallFailures.Closed(route, entry)) with
            {
                RetryAfter = entry.RetryAt - parts.Time.GetUtcNow(),
            };
        }
        var since = parts.Time.GetTimestamp();
        IBudgetHold? hold = null;
        var worst = CallCost.None;
        try
        {
            var key = await KeyAsync(route, cancel);
            var output = CallTokens.OutputMax(call, route, by.Profile.Generation.TokensMax);
            if (by.Purse is { } purse)
            {
                output = upstream.Priced is null && purse.LeftUsd is { } left
                    ? CallTokens.Affordable(call, route, output, left) : output;
                worst = upstream.Priced ?? CallTokens.WorstCase(call, route, output);
                hold = await purse.ReserveAsync(worst, cancel);
            }
            var body = TryBody.Of(call, route, output, relay is { HasBegun: true } begun
                ? new(begun.Given, Neutral, tries is [.., var last] && last.Model == route.Model, hasDiverged)
                : null);
            using var answer = await upstream.SendAsync(route.Target(key), TryBody.PathOf(call.Kind), body.Bytes,
                cancel, call.ContentType);
            var end = answer.Failure is { } failure ? TryEnd.Of(failure)
                : call.Stream && begin is not null && answer.IsEventStream
                    ? await RelayAsync(route, answer, body.Recovery, cancel)
                : await WholeAsync(route, answer, key, cancel);
            Settle(route, end, hold, worst, epoch, since);
            return end;
        }
        catch (OperationCanceledException)
        {
            // what was sent may be worked on, and counted
            var used = CallTokens.Used(call, null, relay?.Given);
            Take(route, used, hold, CallTokens.Cost(call, route, used));
            breakers.Report(route.Key, epoch, BreakerVerdict.Neutral, null, parts.Time.GetUtcNow());
            return TryEnd.Of(Aborted(route));
        }
        catch (AegisException e)
        {
            hold?.Release();
            breakers.Report(route.Key, epoch, BreakerVerdict.Neutral, null, parts.Time.GetUtcNow());
            return TryEnd.Of(e.Error);
        }
    }

    private async ValueTask<TryEnd> RelayAsync(
        ModelRoute route, UpstreamAnswer answer, RecoveryKind kind, CancellationToken cancel)
    {
        relay ??= new StreamRelay(call.Protocol, new StreamHead(CallIds.New(call.Protocol), route.Model,
            parts.Time.GetUtcNow().ToUnixTimeSeconds(), call.Outline!.StreamUsage), begin!());
        var end = await relay.RunAsync(answer.Body!, route.Protocol, kind, parts.QuietTimeout, cancel);
        hasDiverged |= end.Outcome == RelayOutcome.Diverged;
        if (end.Outcome != RelayOutcome.Finished)
        {
            return TryEnd.Of(CallFailures.Of(end)) with
            {
                Used = CallTokens.Used(call, end.Usage, relay.Given),
                IsNobodysFault = end.Outcome == RelayOutcome.Diverged,
            };
        }
        await relay.CompleteAsync(cancel);
        return new TryEnd(Used: CallTokens.Used(call, end.Usage, relay.Given), IsAnswered: true,
            Model: relay.Model is { Length: > 0 } told ? told : route.Model);
    }

    private async ValueTask<TryEnd> WholeAsync(
        ModelRoute route, UpstreamAnswer answer, string? key, CancellationToken cancel)
    {
        var read = await answer.ReadAsync(cancel);
        if (read.Bytes is not { } bytes)
        {
            return TryEnd.Of(read.Failure!);
        }
        var whole = WholeAnswer.Read(call, route, bytes, key, parts.Time.GetUtcNow());
        return whole.Wrong is { } wrong
            ? TryEnd.Of(new UpstreamFailure(UpstreamFailureKind.Malformed, wrong, answer.Status))
            : new TryEnd(Used: CallTokens.Used(call, whole.Usage, null), IsAnswered: true,
                Model: whole.Model ?? route.Model, Body: whole.Body)
            {
                ContentType = call.Kind == Protocols.Bodies.AnswerKind.Transcription
                    ? answer.ContentType ?? "application/json" : "application/json",
                SchemaValid = whole.SchemaValid,
            };
    }

    private void Settle(ModelRoute route, TryEnd end, IBudgetHold? hold, CallCost worst, int epoch, long since)
    {
        var took = parts.Time.GetElapsedTime(since);
        lastFailure = end.Failure ?? lastFailure;
        var now = parts.Time.GetUtcNow();
        if (end.Failure is not { } failure)
        {
            Take(route, end.Used!, hold, upstream.Priced ?? CallTokens.Cost(call, route, end.Used!));
            breakers.Report(route.Key, epoch, BreakerVerdict.Passed, null, now);
            Report(route, CallOutcome.Answered, took, end.Used!.Output, now);
            end.Answer = Answered(route, end);
            return;
        }
        var rule = FailureRule.Of(CallFailures.KindOf(failure));
        if (end.Used is { } used)
        {
            Take(route, used, hold, CallTokens.Cost(call, route, used));
        }
        else if (rule.MayBeCharged && upstream.Priced is null)
        {
            spent += worst;
            hold?.Settle(worst);
        }
        else
        {
            hold?.Release();
        }
        breakers.Report(route.Key, epoch, end.IsNobodysFault ? BreakerVerdict.Neutral : rule.Breaker,
            failure.RetryAfter, now);
        if (!end.IsNobodysFault)
        {
            Report(route, rule.Outcome, took, 0, now);
        }
        tries.Add(new(route.Provider, route.Model, CallFailures.Name(failure), failure.Status,
            (long)took.TotalMicroseconds));
    }

    private void Take(ModelRoute route, TokenUsage used, IBudgetHold? hold, CallCost cost)
    {
        hold?.Settle(cost);
        spent += cost;
        tokens = new(tokens.Input + used.Input, tokens.Output + used.Output,
            tokens.CachedInput + used.CachedInput, tokens.CacheWrite + used.CacheWrite,
            tokens.Reasoning + used.Reasoning);
    }

    private void Report(
        ModelRoute route, CallOutcome outcome, TimeSpan took, long output, DateTimeOffset now) =>
        parts.Memory.Report(new ModelCallSettled(
            by.Tenancy.Tenant, taskType, route.Key, outcome, took, output, now));

    private ModelCallEnd Answered(ModelRoute route, TryEnd end) =>
        new(Use(route, end.Model!, ModelUse.Answered) with { SchemaValid = end.SchemaValid }, end.Body)
        {
            ContentType = end.ContentType,
        };

    private ModelCallEnd Aborted(ModelRoute route) =>
        new(Use(route, route.Model, ModelUse.Aborted), default);

    private async ValueTask<ModelCallEnd> FailedAsync(
        ModelRoute route, TryEnd done, CancellationToken cancel)
    {
        // a model that rests by now says less than how it failed
        var shown = done.Failure ?? (done.RetryAfter is null ? null : lastFailure);
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
                return Aborted(route);
            }
        }
        // the last try is told by the use itself
        return new(Use(route, route.Model, ModelUse.Failed), default, failure, error)
        {
            RetryAfter = done.Failure?.RetryAfter ?? done.RetryAfter,
            HasBegun = relay is { HasBegun: true },
        };
    }

    private ModelUse Use(ModelRoute route, string model, string outcome) => new(
        call.Asked, taskType, call.Agent, route.Provider, model, upstream.Origin, outcome, tokens, spent.Usd, 0,
        (long)parts.Time.GetElapsedTime(started).TotalMicroseconds,
        relay is { BegunAt: > 0 and var first }
            ? (long)parts.Time.GetElapsedTime(started, first).TotalMicroseconds : null,
        tries.Count == 0 ? null : [.. tries], chain.Seed)
    {
        Replaced = chain.Replaced,
    };

    private async ValueTask<string?> KeyAsync(ModelRoute route, CancellationToken cancel)
    {
        if (route.KeyName is not { } name)
        {
            return null;
        }
        var own = by.Keys is { } keys ? await keys(name, route.BaseUrl, cancel) : null;
        return own is { Length: > 0 } ? own
            : route.HostMayLend && parts.HostKey(name) is { Length: > 0 } lent ? lent
            : throw ModelErrors.NoKey(route.Provider, name);
    }
}
