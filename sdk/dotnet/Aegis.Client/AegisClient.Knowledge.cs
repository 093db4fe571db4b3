namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>Safe architectures that speak of it, best first, without their texts.</summary>
    /// <param name="query">Words of English or Spanish.</param>
    /// <param name="stack">Only what fits this language or system, such as python.</param>
    public Task<Listing<Article>> SearchKnowledgeAsync(
        string query, string? stack = null, int? limit = null, CancellationToken cancel = default) =>
        GetAsync($"v1/knowledge?query={Escape(query)}"
            + (stack is null ? "" : $"&stack={Escape(stack)}") + (limit is null ? "" : $"&limit={limit}"),
            ClientJson.Default.ListingArticle, cancel);

    /// <summary>All that the project has.</summary>
    public Task<Listing<Article>> ListKnowledgeAsync(CancellationToken cancel = default) =>
        ListAsync("v1/knowledge", ClientJson.Default.ListingArticle, cancel);

    public Task<Article> GetArticleAsync(string id, CancellationToken cancel = default) =>
        GetAsync($"v1/knowledge/{Escape(id)}", ClientJson.Default.Article, cancel);
}

/// <summary>A safe architecture.</summary>
/// <param name="Own">The project's own.</param>
/// <param name="Text">Markdown; null in lists.</param>
public sealed record Article(string Id, string Title, IReadOnlyList<string> Tags,
    IReadOnlyList<string> Stacks, string When, string Avoid, IReadOnlyList<string> Standards, bool Own,
    string? Text);
