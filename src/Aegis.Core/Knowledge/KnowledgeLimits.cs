namespace Aegis.Core.Knowledge;

/// <summary>How much an article, a search and an answer may hold.</summary>
public static class KnowledgeLimits
{
    /// <summary>Characters of an article with its front matter.</summary>
    public const int ArticleCharsMax = 16_384;

    /// <summary>Articles of a profile, beside those that ship.</summary>
    public const int OwnArticlesMax = 32;

    public const int TitleCharsMax = 120;

    /// <summary>Characters of <c>when</c> and of <c>avoid</c>.</summary>
    public const int LineCharsMax = 400;

    public const int TagsMax = 24;
    public const int StacksMax = 8;
    public const int StandardsMax = 12;

    public const int QueryCharsMax = 512;

    /// <summary>Different words of a query that are looked for; the rest is passed over.</summary>
    public const int QueryWordsMax = 32;

    /// <summary>Articles of one answer.</summary>
    public const int HitsMax = 10;

    /// <summary>Characters of the articles' texts in an answer of <c>knowledge.search</c>: the best come
    /// whole, and those that find no room by title.</summary>
    public const int AnswerCharsMax = 16 * 1024;
}
