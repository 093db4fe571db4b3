using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Aegis.Core.Caching;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Core.Routing;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Calls;

/// <summary>Finds who may answer to a name: an alias, a model, <c>provider/model</c>, or <c>auto</c> for all
/// that the profile's providers have. An alias that lists its models is asked in that order; one that has a
/// filter, and <c>auto</c>, leave the choice to the router.</summary>
internal sealed class CandidateBook(Func<ModelCatalogue> catalogue)
{
    /// <summary>Names kept for each profile: clients say what they like.</summary>
    public const int NamesMax = 256;

    private readonly ConditionalWeakTable<Profile, Page> pages = [];

    /// <exception cref="AegisException">AEGIS2320 to 2322, 2350 to 2358: nobody may.</exception>
    public CandidateSet Of(Profile profile, string asked, string? provider, AnswerKind kind)
    {
        var page = PageOf(profile);
        var name = (asked, provider, kind);
        if (page.Sets.TryGetValue(name, out var set))
        {
            return set;
        }
        return page.Sets.Keep(name, Make(profile, asked, provider, kind, page.Catalogue), NamesMax);
    }

    /// <summary>All that the profile's providers have; null where that is nothing.</summary>
    public CandidateSet? TryEveryone(Profile profile, AnswerKind kind)
    {
        var page = PageOf(profile);
        if (page.Everyone.TryGetValue(kind, out var known))
        {
            return known;
        }
        try
        {
            return page.Everyone[kind] = Of(profile, ModelCall.Auto, null, kind);
        }
        catch (AegisException)
        {
            return page.Everyone[kind] = null;
        }
    }

    /// <summary>What a name makes: an alias of the product's own what its name says, another one and a model
    /// what the catalogue knows of it, or else chat. Null for something that no door makes.</summary>
    public AnswerKind? KindOf(Profile profile, string asked)
    {
        if (ModelAlias.WellKnown.TryGetValue(asked, out var said))
        {
            return AnswerOf(said);
        }
        try
        {
            var first = Of(profile, asked, null, AnswerKind.Chat).InOrder[0];
            return asked == ModelCall.Auto || first.Facts is not { } facts || facts.Kinds.IsEmpty
                ? AnswerKind.Chat
                : facts.Kinds.Select(AnswerOf).Where(kind => kind is not null).Order().FirstOrDefault();
        }
        catch (AegisException)
        {
            // who asks it is told why
            return AnswerKind.Chat;
        }
    }

    private Page PageOf(Profile profile)
    {
        var now = catalogue();
        var page = pages.GetValue(profile, _ => new Page(now));
        if (!ReferenceEquals(page.Catalogue, now))
        {
            page = new Page(now);
            pages.AddOrUpdate(profile, page);
        }
        return page;
    }

    private static CandidateSet Make(
        Profile profile, string asked, string? provider, AnswerKind kind, ModelCatalogue catalogue)
    {
        var alias = profile.Models.GetValueOrDefault(asked);
        Check(profile, alias, asked, provider);
        var isAuto = alias is null && asked == ModelCall.Auto && profile.Rehearsal is null;
        var isScored = isAuto || alias?.Filter is not null;
        var choices = isAuto ? Everyone(profile, provider, kind, catalogue)
            : Named(profile, asked, provider, catalogue);
        var found = ImmutableArray.CreateBuilder<RouteCandidate>();
        var routes = new Dictionary<ModelKey, ModelRoute>();
        AegisException? wrong = null;
        foreach (var choice in choices)
        {
            try
            {
                var route = ModelRoute.Of(profile, choice, catalogue);
                if (routes.TryAdd(route.Key, route))
                {
                    found.Add(Candidate(route, isScored));
                }
            }
            catch (AegisException e)
            {
                wrong ??= e;
            }
        }
        if (found.Count == 0)
        {
            throw wrong ?? (alias is null ? ModelErrors.NoProvider(provider, profile.Providers.Keys)
                : new AegisException(ProfileCheck.NoModel(alias)));
        }
        return new(found.ToImmutable(), routes.ToFrozenDictionary(), isScored,
            alias?.Name ?? CandidateSet.General)
        {
            LocalOnly = profile.IsLocal || alias?.IsLocal == true,
        };
    }

    private static void Check(Profile profile, ModelAlias? alias, string asked, string? provider)
    {
        if (alias is null && profile.Rehearsal is null && ModelAlias.WellKnown.ContainsKey(asked))
        {
            throw ModelErrors.NoAlias(asked, profile.Models.Keys);
        }
        if (alias is not null && provider is not null && !alias.Candidates.IsEmpty
            && !alias.Candidates.Any(c => c.Provider is null || c.Provider == provider)
            && alias.Candidates[0].Provider is { } own)
        {
            throw ModelErrors.TwoProviders(alias.Name, own, provider);
        }
    }

    private static IEnumerable<ModelChoice> Named(
        Profile profile, string asked, string? provider, ModelCatalogue catalogue)
    {
        if (profile.Models.ContainsKey(asked) || provider is not null || profile.Rehearsal is not null)
        {
            return ModelChoice.All(profile, provider, asked, catalogue);
        }
        // a model's own name may hold a slash, so a provider that has it by the whole name comes first
        var sellers = profile.Providers.Values
            .Where(p => p.ModelsIn(catalogue).Any(m => m.Name == asked)).ToList();
        if (sellers.Count > 0)
        {
            return sellers.SelectMany(p => ModelChoice.All(profile, p.Name, asked, catalogue));
        }
        return ModelKey.Parse(asked) is { } both && profile.Providers.ContainsKey(both.Provider)
            ? ModelChoice.All(profile, both.Provider, both.Model, catalogue)
            : ModelChoice.All(profile, null, asked, catalogue);
    }

    private static IEnumerable<ModelChoice> Everyone(
        Profile profile, string? provider, AnswerKind kind, ModelCatalogue catalogue)
    {
        var wanted = KindOf(kind);
        var listed = profile.Providers.Values.Where(p => provider is null || p.Name == provider)
            .SelectMany(p => p.ModelsIn(catalogue).Where(m => m.Facts?.Kinds.Contains(wanted) != false)
                .SelectMany(m => ModelChoice.All(profile, p.Name, m.Name, catalogue)));
        var aliased = profile.Models.Values.Where(a => a.Kind == wanted)
            .SelectMany(a => ModelChoice.All(profile, null, a.Name, catalogue))
            .Where(c => provider is null || c.Provider == provider);
        return listed.Concat(aliased);
    }

    private static ModelKind KindOf(AnswerKind kind) => kind switch
    {
        AnswerKind.Embeddings => ModelKind.Embedding,
        AnswerKind.Transcription => ModelKind.Transcription,
        _ => ModelKind.Chat,
    };

    private static AnswerKind? AnswerOf(ModelKind kind) => kind switch
    {
        ModelKind.Chat => AnswerKind.Chat,
        ModelKind.Embedding => AnswerKind.Embeddings,
        ModelKind.Transcription => AnswerKind.Transcription,
        _ => null,
    };

    // who names a model wants that one: its provider says what it cannot do, and knows it better than a list
    public static RouteCandidate Candidate(ModelRoute route, bool isScored) => new(route.Key,
        isScored ? CatalogueAbilities.Of(route) : CatalogueAbilities.Assumed(route), route.Dearest);

    private sealed record Page(ModelCatalogue Catalogue)
    {
        public ConcurrentDictionary<(string, string?, AnswerKind), CandidateSet> Sets { get; } = new();

        public ConcurrentDictionary<AnswerKind, CandidateSet?> Everyone { get; } = new();
    }
}
