using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Knowledge;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Knowledge;

/// <summary>The knowledge base of safe architectures: those that ship, and those of the project's newest
/// profile.</summary>
public static class KnowledgeDoors
{
    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/knowledge", http => SearchAsync(http, parts)).RequireScope(Scopes.KnowledgeRead)
            .Describe("searchKnowledge", "Safe architectures, the best first", door => door
                .Saying("Without a query: all of them, by id.")
                .Text("query", "What is to be built, in words of English or Spanish.")
                .Text("stack", "Only what fits this language or system, such as python.")
                .Page().Answers(DoorJson.Default.ListingArticleAnswer).Refuses("AEGIS2735"));
        routes.MapGet("/v1/knowledge/{article}", http => GetAsync(http, parts))
            .RequireScope(Scopes.KnowledgeRead).WithEntityTag()
            .Describe("getArticle", "A safe architecture with its text", door => door
                .Answers(DoorJson.Default.ArticleAnswer));
    }

    private static async Task SearchAsync(HttpContext http, DoorParts parts)
    {
        var (query, stack) = (Query.Text(http, "query"), Query.Text(http, "stack"));
        var (limit, after) = (Query.Limit(http), PageCursors.Read(http)?.Id);
        if (query?.Length > KnowledgeLimits.QueryCharsMax)
        {
            throw new AegisException(DoorErrors.Malformed("query parameter query is too long",
                $"at most {KnowledgeLimits.QueryCharsMax} characters", $"{query.Length}"));
        }
        var known = await KnownAsync(http, parts);
        if (query is { Length: > 0 })
        {
            var found = known.Search(query, stack, Math.Min(limit, KnowledgeLimits.HitsMax));
            await Body.WriteAsync(http,
                new Listing<ArticleAnswer>([.. found.Select(h => ArticleAnswer.Of(h.Item, false))]),
                DoorJson.Default.ListingArticleAnswer);
            return;
        }
        var page = known.ListFor(stack)
            .Where(a => after is null || string.CompareOrdinal(a.Id, after) > 0).Take(limit + 1).ToList();
        await Listings.WriteAsync(http,
            PageCursors.Cut(page, limit, a => ArticleAnswer.Of(a, false), a => a.Id),
            DoorJson.Default.ListingArticleAnswer);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "article");
        var article = (await KnownAsync(http, parts)).Articles.GetValueOrDefault(id)
            ?? throw new AegisException(DoorErrors.NotFound("article", id));
        await Body.WriteAsync(http, ArticleAnswer.Of(article, true), DoorJson.Default.ArticleAnswer);
    }

    private static async Task<KnowledgeBase> KnownAsync(HttpContext http, DoorParts parts) =>
        KnowledgeBase.With((await parts.Profiles.NewestAsync(http.ProjectKeys(), http.RequestAborted))?.Files
            ?? ImmutableSortedDictionary<string, string>.Empty);
}
