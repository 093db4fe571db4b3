using System.Text.Json.Serialization.Metadata;

namespace Aegis.Server.Json;

/// <summary>A page of a list.</summary>
/// <param name="Next">The cursor of the next page; null after the last.</param>
public sealed record Listing<T>(IReadOnlyList<T> Items, string? Next = null);

/// <summary>Writes pages; a page that is not the last says where the next one is in <c>Link</c> too (RFC
/// 8288).</summary>
internal static class Listings
{
    public static Task WriteAsync<T>(
        HttpContext http, (List<T> Items, string? Next) page, JsonTypeInfo<Listing<T>> type)
    {
        if (page.Next is { } next)
        {
            var query = QueryString.Create(http.Request.Query.Where(q => q.Key != "cursor"))
                .Add("cursor", next);
            http.Response.Headers.Link = $"<{http.Request.Path}{query}>; rel=\"next\"";
        }
        return Body.WriteAsync(http, new Listing<T>(page.Items, page.Next), type);
    }

    /// <summary>A page of a list that is there whole, in the order of its names.</summary>
    public static Task WriteAsync<TRow, TAnswer>(HttpContext http, IEnumerable<TRow> all,
        Func<TRow, TAnswer> answer, Func<TRow, string> name, JsonTypeInfo<Listing<TAnswer>> type)
    {
        var (limit, after) = (Query.Limit(http), PageCursors.Read(http)?.Id);
        var rest = all.OrderBy(name, StringComparer.Ordinal)
            .Where(r => after is null || string.CompareOrdinal(name(r), after) > 0).Take(limit + 1).ToList();
        return WriteAsync(http, PageCursors.Cut(rest, limit, answer, name), type);
    }
}
