using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Models.Learning;

namespace Aegis.Models.Calls;

/// <summary>What would be done with a call now.</summary>
/// <param name="Request">What it asks of whoever is chosen.</param>
/// <param name="IsScored">Whether the best one is chosen by its score; else they are asked in their
/// order.</param>
/// <param name="Chain">Who is asked, in order.</param>
/// <param name="Candidates">As they are asked, then the others. Of models in order their parts show what is
/// known, and rank nobody.</param>
/// <param name="Replaced">The named model that the first one stands in for; null for none.</param>
public sealed record CallOutlook(RouteRequest Request, DateTimeOffset At, bool IsScored,
    ImmutableArray<CallStop> Chain, ImmutableArray<ExplainedCandidate> Candidates, string? Replaced = null)
{
    /// <summary>What the call ends with, where nobody can take it.</summary>
    public AegisError? Error { get; init; }

    internal static CallOutlook Of(RouteChoice choice) => new(choice.Request, choice.At, true,
        [.. choice.Candidates.Select(c => new CallStop(c.Key, null))], choice.Explain().Candidates)
    {
        Error = choice.Error,
    };

    /// <summary>Nobody may answer to the name.</summary>
    internal static CallOutlook Of(RouteRequest request, DateTimeOffset now, AegisError error) =>
        new(request, now, false, [], []) { Error = error };

    internal static CallOutlook Of(CallChain chain, ModelCall call, ModelCaller by, RouteRequest request,
        IModelMemory memory, DateTimeOffset now)
    {
        // nothing is drawn and nothing filtered: the parts show what is known of each
        var known = Router.Choose(request with { Exploration = Exploration.Mean, BudgetLeftUsd = null },
            [.. chain.Routes.Select(r => CandidateBook.Candidate(r, isScored: false))], memory.Learning,
            new BreakerBook(BreakerRules.Default), now).Explain().Candidates
            .ToDictionary(c => new ModelKey(c.Provider, c.Model));
        ImmutableArray<CallStop> stops =
            [.. chain.Routes.Select(r => new CallStop(r.Key, PassedOver(r, call, by, memory, now)))];
        return new(request, now, false, stops,
            [.. stops.Select((s, i) => known[s.Model] with { Rank = i + 1, Score = null })], chain.Replaced)
        {
            Error = stops.All(s => s.PassedOver is not null) ? stops[^1].PassedOver : null,
        };
    }

    // a rehearsal asks nobody, so nobody rests and nothing is paid by price
    private static AegisError? PassedOver(ModelRoute route, ModelCall call, ModelCaller by,
        IModelMemory memory, DateTimeOffset now)
    {
        if (by.Profile.Rehearsal is not null)
        {
            return null;
        }
        var breaker = memory.Breakers(by.Tenancy.Tenant).Of(route.Key);
        if (!breaker.MayEnter(now))
        {
            return CallFailures.Closed(route, new BreakerEntry(breaker, null, breaker.Until));
        }
        try
        {
            if (by.Purse?.LeftUsd is { } left)
            {
                CallTokens.Affordable(call, route,
                    CallTokens.OutputMax(call, route, by.Profile.Generation.TokensMax), left);
            }
            return null;
        }
        catch (AegisException e)
        {
            return e.Error;
        }
    }
}

/// <summary>A model in the order in which a call asks.</summary>
/// <param name="PassedOver">Why it is not asked now; null where it is.</param>
public sealed record CallStop(ModelKey Model, AegisError? PassedOver);
