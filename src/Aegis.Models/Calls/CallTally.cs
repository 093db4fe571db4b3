using Aegis.Core.Budgets;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Failures;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs.Models;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>What the tries of a call used, and what they showed of their models.</summary>
internal sealed class CallTally(RunnerParts parts, ModelCall call, ModelCaller by, IUpstream upstream,
    CallChain chain, string taskType)
{
    private const string Outrun = "outrun";

    private readonly long started = parts.Time.GetTimestamp();
    private readonly List<ModelTry> tries = [];
    private CallCost spent;
    private decimal saved;
    private ModelTokens tokens = ModelTokens.None;

    /// <summary>Of the tenant; of this call alone where it is rehearsed, which says nothing of a
    /// model.</summary>
    public BreakerBook Breakers { get; } = by.Profile.Rehearsal is null
        ? parts.Memory.Breakers(by.Tenancy.Tenant) : new BreakerBook(BreakerRules.Default);

    public int Tries => tries.Count;

    /// <summary>The model of the try before.</summary>
    public string? LastModel => tries is [.., var last] ? last.Model : null;

    public UpstreamFailure? LastFailure { get; private set; }

    public void Settle(CallTry made, TryEnd end)
    {
        var took = parts.Time.GetElapsedTime(made.Since);
        LastFailure = end.Failure ?? LastFailure;
        if (end.Failure is { } failure)
        {
            Failed(made, end, failure, took);
            return;
        }
        Take(made, end.Used!, upstream.Priced ?? CallTokens.Cost(call, made.Route, end.Used!));
        Report(made, BreakerVerdict.Passed, null);
        Learn(made, CallOutcome.Answered, took, end.Used!.Output);
    }

    /// <summary>The caller went away: what was sent may be worked on, and counted.</summary>
    public void Abort(CallTry made, GivenOut? given)
    {
        var used = CallTokens.Used(call, null, given);
        Take(made, used, upstream.Priced ?? CallTokens.Cost(call, made.Route, used));
        Report(made, BreakerVerdict.Neutral, null);
    }

    /// <summary>A try beside it was faster. Nobody knows how far its provider came: all of it stays
    /// spent.</summary>
    public void Lose(CallTry made)
    {
        spent += made.Worst;
        made.Hold?.Settle(made.Worst);
        Report(made, BreakerVerdict.Neutral, null);
        tries.Add(new(made.Route.Provider, made.Route.Model, Outrun, 0, Micros(made.Since)));
    }

    /// <param name="begunAt">Of a stream; 0 for none.</param>
    public ModelUse Use(ModelRoute route, string model, string outcome, long begunAt) => new(
        call.Asked, taskType, call.Agent, route.Provider, model, upstream.Origin, outcome, tokens, spent.Usd,
        saved,
        Micros(started),
        begunAt > 0 ? (long)parts.Time.GetElapsedTime(started, begunAt).TotalMicroseconds : null,
        tries.Count == 0 ? null : [.. tries], chain.Seed)
    {
        Chosen = route.Model == model ? null : route.Model,
        Replaced = chain.Replaced,
    };

    private void Failed(CallTry made, TryEnd end, UpstreamFailure failure, TimeSpan took)
    {
        var rule = FailureRule.Of(CallFailures.KindOf(failure));
        if (end.Used is { } used)
        {
            Take(made, used, CallTokens.Cost(call, made.Route, used));
        }
        else if (rule.MayBeCharged && upstream.Priced is null)
        {
            spent += made.Worst;
            made.Hold?.Settle(made.Worst);
        }
        else if (made.Prompt.Extra.CostUsd > 0)
        {
            Take(made, new TokenUsage(0, 0), CallCost.None);
        }
        else
        {
            made.Hold?.Release();
        }
        Report(made, end.IsNobodysFault ? BreakerVerdict.Neutral : rule.Breaker, failure.RetryAfter);
        if (!end.IsNobodysFault)
        {
            Learn(made, rule.Outcome, took, 0);
        }
        tries.Add(new(made.Route.Provider, made.Route.Model, CallFailures.Name(failure), failure.Status,
            (long)took.TotalMicroseconds));
    }

    private void Take(CallTry made, TokenUsage used, CallCost cost)
    {
        // what was stored for the try is paid beside it
        cost += new CallCost(made.Prompt.Extra.CostUsd, 0);
        saved += made.Prompt.Extra.SavedUsd
            + (upstream.Priced is null ? CallTokens.Price(made.Route, used).SavedUsd : 0);
        made.Hold?.Settle(cost);
        spent += cost;
        tokens = new(tokens.Input + used.Input, tokens.Output + used.Output,
            tokens.CachedInput + used.CachedInput, tokens.CacheWrite + used.CacheWrite,
            tokens.Reasoning + used.Reasoning);
    }

    private void Report(CallTry made, BreakerVerdict verdict, TimeSpan? retryAfter) =>
        Breakers.Report(made.Route.Key, made.Epoch, verdict, retryAfter, parts.Time.GetUtcNow());

    private void Learn(CallTry made, CallOutcome outcome, TimeSpan took, long output)
    {
        // a rehearsal says nothing of a model
        if (by.Profile.Rehearsal is null)
        {
            parts.Memory.Report(new ModelCallSettled(by.Tenancy.Tenant, taskType, made.Route.Key, outcome,
                took, output, parts.Time.GetUtcNow()));
        }
    }

    private long Micros(long since) => (long)parts.Time.GetElapsedTime(since).TotalMicroseconds;
}
