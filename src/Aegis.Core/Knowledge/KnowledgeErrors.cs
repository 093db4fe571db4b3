using Aegis.Core.Errors;

namespace Aegis.Core.Knowledge;

public static class KnowledgeErrors
{
    public static AegisError Stack(string stack, IEnumerable<string> known) => new("AEGIS2735",
        $"no article is for the stack {stack}", string.Join(", ", known), stack,
        NearestName.Of(stack, known) is { } near ? $"did you mean {near}?" : "leave the stack out");

    public static AegisError Article(string what, string expected, string? got) =>
        new("AEGIS2736", what, expected, got, "write the article as docs/knowledge.md says");

    public static AegisError TooMany(int count) => new("AEGIS2737",
        "the profile has too many articles of knowledge", $"at most {KnowledgeLimits.OwnArticlesMax}",
        $"{count}", "join articles that speak of the same, or leave some out");
}
