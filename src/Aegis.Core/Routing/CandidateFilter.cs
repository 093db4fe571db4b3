using Aegis.Core.Routing.Breakers;

namespace Aegis.Core.Routing;

/// <summary>Why a candidate cannot take a call.</summary>
public enum FilterReason
{
    None,
    Provider,
    Model,
    Kind,
    Modality,
    Tools,
    JsonSchema,
    Locality,
    Context,
    OutputLength,
    PriceUnknown,
    Budget,
    Gone,
    Unhealthy,
}

/// <summary>Which candidates can take a call at all; the first reason against one is kept.</summary>
internal static class CandidateFilter
{
    public static FilterReason Judge(RouteRequest request, RouteCandidate candidate, BreakerState breaker,
        DateTimeOffset now)
    {
        var allowed = Allowed(request, candidate.Key);
        var able = allowed == FilterReason.None ? Able(request, candidate.Abilities) : allowed;
        var paid = able == FilterReason.None ? Paid(request, candidate.Price) : able;
        return paid != FilterReason.None || breaker.MayEnter(now) ? paid
            : breaker.Cause == BreakerCause.Gone ? FilterReason.Gone
            : FilterReason.Unhealthy;
    }

    /// <summary>The reason in words, with what was asked and what is there.</summary>
    public static string Words(FilterReason reason, RouteRequest request, RouteCandidate candidate) =>
        reason switch
        {
            FilterReason.Provider => $"the provider {candidate.Key.Provider} is not allowed",
            FilterReason.Model => "the model is not allowed",
            FilterReason.Kind => $"it makes {candidate.Abilities.Kinds}, not {request.Needs.Kind}",
            FilterReason.Modality =>
                $"it takes {candidate.Abilities.Modalities}, not all of {request.Needs.Modalities}",
            FilterReason.Tools => "it cannot call tools",
            FilterReason.JsonSchema => "it does not hold its answer to a JSON schema",
            FilterReason.Locality => "it is not local",
            FilterReason.Context => $"its context of {candidate.Abilities.ContextTokens} tokens may not hold "
                + $"about {request.PromptTokensExpected:0} of the prompt and {request.OutputTokensMax} of "
                + "the answer",
            FilterReason.OutputLength => $"it answers with at most {candidate.Abilities.OutputTokensMax} "
                + $"tokens, asked for {request.OutputTokensMax}",
            FilterReason.PriceUnknown => "nobody states its price, and there is a budget",
            FilterReason.Budget => "the call may cost "
                + $"{candidate.Price!.WorstCase(request.PromptTokensBound, request.OutputTokensMax)} USD, "
                + $"{request.BudgetLeftUsd} are left",
            FilterReason.Gone => "its provider does not have it any more",
            FilterReason.Unhealthy => "it failed, and is left alone for a while",
            _ => "",
        };

    private static FilterReason Allowed(RouteRequest request, ModelKey key) =>
        request.ProvidersAllowed?.Contains(key.Provider) == false ? FilterReason.Provider
        : request.ModelsAllowed?.Contains(key) == false ? FilterReason.Model
        : FilterReason.None;

    private static FilterReason Able(RouteRequest request, ModelAbilities abilities)
    {
        var needs = request.Needs;
        return (abilities.Kinds & needs.Kind) != needs.Kind ? FilterReason.Kind
            : (abilities.Modalities & needs.Modalities) != needs.Modalities ? FilterReason.Modality
            : needs.Tools && !abilities.Tools ? FilterReason.Tools
            : needs.JsonSchema && !abilities.JsonSchema ? FilterReason.JsonSchema
            : needs.LocalOnly && abilities.Locality != ModelLocality.Local ? FilterReason.Locality
            // bytes bound tokens from far above: who is a little short says so, and the next one is asked
            : abilities.ContextTokens < request.PromptTokensExpected + request.OutputTokensMax
                ? FilterReason.Context
            : abilities.OutputTokensMax < request.OutputTokensMax ? FilterReason.OutputLength
            : FilterReason.None;
    }

    private static FilterReason Paid(RouteRequest request, RoutePrice? price) =>
        request.BudgetLeftUsd is not { } left ? FilterReason.None
        : price is null ? FilterReason.PriceUnknown
        : price.Fits(request.PromptTokensBound, request.OutputTokensMax, left) ? FilterReason.None
        : FilterReason.Budget;
}
