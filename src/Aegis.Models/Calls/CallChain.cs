using System.Collections.Immutable;
using Aegis.Core.Routing;
using Aegis.Models.Learning;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>Who is asked, in which order.</summary>
/// <param name="Seed">Of a choice by score; null where the names stood in order.</param>
/// <param name="Replaced">The named model that another one stands in for.</param>
internal sealed record CallChain(ImmutableArray<ModelRoute> Routes, ulong? Seed, string? Replaced)
{
    public static CallChain Of(ModelCall call, ModelCaller by, CandidateSet set, CandidateBook book,
        IModelMemory memory, string taskType, DateTimeOffset now) => set.IsScored
        ? Scored(call, by, set, memory, taskType, now)
        : Ordered(call, by, set, book, memory, taskType);

    /// <summary>What tokens cost at one of them; null where its price is not known.</summary>
    public decimal? CostOf(UpstreamTarget target, TokenUsage used) => Routes
        .FirstOrDefault(route => route.Provider == target.Provider && route.Model == target.Model)?.Rates?
        .Cost(used.Input, used.Output);

    /// <summary>A choice among candidates of a filter or of everything.</summary>
    public static RouteChoice Choose(ModelCall call, ModelCaller by, CandidateSet set, IModelMemory memory,
        string taskType, DateTimeOffset now, ulong seed) =>
        Router.Choose(Request(call, by, set.LocalOnly, taskType, seed), set.Candidates, memory.Learning,
            memory.Breakers(by.Tenancy.Tenant), now);

    /// <summary>What a call asks of whoever is chosen.</summary>
    public static RouteRequest Request(
        ModelCall call, ModelCaller by, bool localOnly, string taskType, ulong seed)
    {
        var outline = call.Outline;
        var usual = by.Profile.Generation.TokensMax;
        var needs = new ModelNeeds(call.Kind switch
        {
            AnswerKind.Embeddings => ModelKinds.Embedding,
            AnswerKind.Transcription => ModelKinds.Transcription,
            _ => ModelKinds.Chat,
        }, outline?.Images > 0 ? ModelModalities.Text | ModelModalities.Image : ModelModalities.Text,
            outline?.HasTools == true, outline?.HasFormat == true, localOnly);
        return new RouteRequest(by.Tenancy.Tenant, taskType, needs, CallTokens.InputBound(call),
            call.Kind == AnswerKind.Chat ? outline!.MaxTokens ?? usual : 1, seed)
        {
            BudgetLeftUsd = by.Purse?.LeftUsd,
            Weights = by.Profile.Routing,
        };
    }

    private static CallChain Scored(ModelCall call, ModelCaller by, CandidateSet set, IModelMemory memory,
        string taskType, DateTimeOffset now)
    {
        var seed = (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
        var choice = Choose(call, by, set, memory, taskType, now, seed);
        return choice.Error is { } none ? throw new Core.Errors.AegisException(none)
            : new([.. choice.Candidates.Select(c => set.Routes[c.Key])], seed, null);
    }

    private static CallChain Ordered(ModelCall call, ModelCaller by, CandidateSet set, CandidateBook book,
        IModelMemory memory, string taskType)
    {
        var first = set.Candidates[0].Key;
        if (by.Profile.Rehearsal is not null)
        {
            return new(set.InOrder, null, null);
        }
        var now = memory.Follow(first, taskType, by.Tenancy);
        if (now == first)
        {
            return new(set.InOrder, null, null);
        }
        var standIn = set.Routes.GetValueOrDefault(now)
            ?? book.Of(by.Profile, $"{now.Provider}/{now.Model}", null, call.Kind).Routes
                .GetValueOrDefault(now);
        return standIn is null ? new(set.InOrder, null, null)
            : new([standIn, .. set.InOrder.Where(r => r.Key != now)], null, first.ToString());
    }
}
