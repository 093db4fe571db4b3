using Aegis.Core.Knowledge;

namespace Aegis.Server.Knowledge;

/// <summary>A safe architecture.</summary>
/// <param name="When">What it is for.</param>
/// <param name="Avoid">When something else is better.</param>
/// <param name="Own">The project's, from a file of its profile.</param>
/// <param name="Text">Markdown: shape, threats, files, checks; of one article alone, not in lists.</param>
public sealed record ArticleAnswer(string Id, string Title, IReadOnlyList<string> Tags,
    IReadOnlyList<string> Stacks, string When, string Avoid, IReadOnlyList<string> Standards, bool Own,
    string? Text)
{
    public static ArticleAnswer Of(KnowledgeArticle a, bool whole) =>
        new(a.Id, a.Title, a.Tags, a.Stacks, a.When, a.Avoid, a.Standards, a.IsOwn, whole ? a.Body : null);
}
