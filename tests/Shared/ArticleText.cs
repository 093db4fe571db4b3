namespace Aegis.Tests.Shared;

/// <summary>An article of the knowledge base, as short as one may be.</summary>
internal static class ArticleText
{
    public static string Of(string id, string title, string line = "w", string tags = "a",
        string stacks = "any", string standards = "CWE-89") => $"""
        ---
        id: {id}
        title: {title}
        tags: [{tags}]
        stacks: [{stacks}]
        when: {line}
        avoid: {line}
        standards: [{standards}]
        ---
        ## Shape
        a
        ## Threats
        b
        ## Files
        c
        ## Checks
        d

        """;
}
