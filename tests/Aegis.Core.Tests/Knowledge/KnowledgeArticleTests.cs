using Aegis.Core.Knowledge;
using Aegis.Tests.Shared;

namespace Aegis.Core.Tests.Knowledge;

public sealed class KnowledgeArticleTests
{
    public static TheoryData<string> Shipped => [.. KnowledgeBase.BuiltIn.Articles.Keys];

    [Fact]
    public void Shipped_Articles_AreAtLeast24() => Assert.InRange(KnowledgeBase.BuiltIn.Articles.Count, 24,
        999);

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Shipped_Article_HasItsSectionsFilledAndTellsItsPurpose(string id)
    {
        var article = KnowledgeBase.BuiltIn.Articles[id];
        var parts = article.Body.Split("## ")[1..].Select(p => p.Split('\n', 2)).ToList();

        Assert.Equal(KnowledgeArticle.Sections, parts.Select(p => p[0].Trim()));
        Assert.All(parts, p => Assert.InRange(p[1].Trim().Length, 80, 4_000));
        Assert.Contains("```text", parts[2][1], StringComparison.Ordinal);
        Assert.True(article.Tags.Length >= 5 && !article.Stacks.IsEmpty && !article.Standards.IsEmpty, id);
        Assert.False(article.IsOwn);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Shipped_Article_IsFoundByItsTitle(string id) => Assert.Equal(id,
        KnowledgeBase.BuiltIn.Search(KnowledgeBase.BuiltIn.Articles[id].Title, null, 1)[0].Item.Id);

    [Fact]
    public void Article_WithEverythingWrong_TellsEachAtItsLine()
    {
        const string Text = """
            ---
            id: no good
            title: T
            tags: [a, a]
            colour: red
            when: w
            ---
            ## Shape
            text
            ## Threats

            ## Checks
            text
            """;

        var told = KnowledgeFile.Parse(Text, "a.md", true).Errors.Select(e => e.ToString()).ToList();

        Assert.Contains(told, e => e.StartsWith("a.md:10:1: AEGIS2736: the section Threats is empty",
            StringComparison.Ordinal));
        Assert.Contains(told, e => e.Contains("AEGIS2736: the section Files is missing",
            StringComparison.Ordinal));
        Assert.Contains(told, e => e.StartsWith("a.md:2:5: AEGIS2314", StringComparison.Ordinal));
        Assert.Contains(told, e => e.StartsWith("a.md:5:1: AEGIS2313: unknown key colour",
            StringComparison.Ordinal));
        Assert.Contains(told, e => e.Contains("lacks avoid", StringComparison.Ordinal));
        Assert.Contains(told, e => e.Contains("lacks stacks", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("## Shape\ntext")]
    [InlineData("---\nid: x\n")]
    public void Article_WithoutFrontMatter_SaysSo(string text) =>
        Assert.Contains("has no front matter", Assert.Single(KnowledgeFile.Parse(text, "a.md",
            true).Errors).ToString(),
            StringComparison.Ordinal);

    [Fact]
    public void Article_AtEachLimit_IsRead_AndOnePastItIsNot()
    {
        AssertEdge(n => Text(title: new string('t', n)), KnowledgeLimits.TitleCharsMax);
        AssertEdge(n => Text(line: new string('w', n)), KnowledgeLimits.LineCharsMax);
        AssertEdge(n => Text(tags: Names(n)), KnowledgeLimits.TagsMax);
        AssertEdge(n => Text(stacks: Names(n)), KnowledgeLimits.StacksMax);
        AssertEdge(n => Text(standards: Names(n)), KnowledgeLimits.StandardsMax);
        AssertEdge(n => Text().PadRight(n, 'x'), KnowledgeLimits.ArticleCharsMax);
    }

    [Fact]
    public void ProfilesArticles_AtTheLimit_AreTaken_AndOnePastItIsNot()
    {
        Assert.Empty(KnowledgeBase.Check(Own(KnowledgeLimits.OwnArticlesMax)));
        Assert.Equal("AEGIS2737",
            Assert.Single(KnowledgeBase.Check(Own(KnowledgeLimits.OwnArticlesMax + 1))).Error.Code);
    }

    [Fact]
    public void ProfilesArticles_OfOneId_AreRefused() => Assert.Equal("AEGIS2736",
        Assert.Single(KnowledgeBase.Check(
        new Dictionary<string, string> { ["knowledge/a.md"] = Text(), ["knowledge/b.md"] =
            Text() })).Error.Code);

    [Fact]
    public void ProfilesArticle_IsFoundBesideAndInPlaceOfThoseThatShip()
    {
        var files = new Dictionary<string, string>
        {
            ["knowledge/house.md"] = Text(id: "house", title: "Zeppelin upload"),
            ["knowledge/upload.md"] = Text(id: "file-upload", title: "Our own way"),
            ["notes.md"] = "no article",
        };

        var own = KnowledgeBase.With(files);

        Assert.Empty(KnowledgeBase.Check(files));
        Assert.Equal("house", own.Search("zeppelin", null, 1)[0].Item.Id);
        Assert.Equal(("Our own way", true), (own.Articles["file-upload"].Title,
            own.Articles["file-upload"].IsOwn));
        Assert.Equal(KnowledgeBase.BuiltIn.Articles.Count + 1, own.Articles.Count);
        Assert.Same(KnowledgeBase.BuiltIn, KnowledgeBase.With(new Dictionary<string, string>()));
    }

    private static void AssertEdge(Func<int, string> text, int max)
    {
        Assert.Empty(KnowledgeFile.Parse(text(max), "a.md", true).Errors);
        Assert.NotEmpty(KnowledgeFile.Parse(text(max + 1), "a.md", true).Errors);
    }

    private static Dictionary<string, string> Own(int count) => Enumerable.Range(0, count)
        .ToDictionary(i => $"knowledge/{i}.md", i => Text(id: $"own-{i}"));

    private static string Names(int count) => string.Join(", ", Enumerable.Range(0, count).Select(i =>
        $"n{i}"));

    private static string Text(string id = "own", string title = "T", string line = "w", string tags = "a",
        string stacks = "any", string standards = "CWE-89") =>
        ArticleText.Of(id, title, line, tags, stacks, standards);
}
