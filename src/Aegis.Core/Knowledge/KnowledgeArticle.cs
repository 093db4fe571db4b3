using System.Collections.Immutable;

namespace Aegis.Core.Knowledge;

/// <summary>One safe architecture: when it fits, what shape it has, what threatens it, and how it is
/// checked. A file of <c>contracts/knowledge</c>, or one of a profile.</summary>
/// <param name="Stacks">Languages and systems it is written for; <c>any</c> for all.</param>
/// <param name="Standards">What it serves, such as CWE-89 or a chapter of OWASP ASVS.</param>
/// <param name="Body">Markdown with the sections of <see cref="Sections"/>.</param>
/// <param name="IsOwn">A project's, not one that ships.</param>
public sealed record KnowledgeArticle(
    string Id,
    string Title,
    ImmutableArray<string> Tags,
    ImmutableArray<string> Stacks,
    string When,
    string Avoid,
    ImmutableArray<string> Standards,
    string Body,
    bool IsOwn)
{
    public const string AnyStack = "any";

    /// <summary>The headings that each article has, in this order.</summary>
    public static ImmutableArray<string> Sections { get; } = ["Shape", "Threats", "Files", "Checks"];

    public bool Fits(string? stack) =>
        stack is null || Stacks.Contains(AnyStack)
        || Stacks.Contains(stack, StringComparer.OrdinalIgnoreCase);
}
