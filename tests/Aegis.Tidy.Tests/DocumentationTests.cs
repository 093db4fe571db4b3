using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>Pages are found, their links lead somewhere, and a file that a page shows is that file.</summary>
public sealed class DocumentationTests
{
    private static readonly Regex Link = new(@"(?<!!)\[[^\]]*\]\((?!https?:|#)([^)#\s]+)");
    private static readonly Regex Shown =
        new(@"<!-- file: (\S+) -->\n```\w*\n(.*?)\n```\n", RegexOptions.Singleline);

    private static IEnumerable<string> Pages => SourceTree.In(".md", "docs/");

    [Theory]
    [InlineData("docs/README.md", @"^docs/[^/]+\.md$")]
    [InlineData("docs/cookbook/README.md", @"^docs/cookbook/[^/]+\.md$")]
    public void Index_ListsEveryPageOnce(string index, string pages)
    {
        var rows = SourceTree.Lines(index).Where(line => line.StartsWith("| [", StringComparison.Ordinal));
        var listed = rows.Select(row => Target(index, Link.Match(row)))
            .Where(target => Regex.IsMatch(target, pages));
        Assert.Equal(Pages.Where(page => Regex.IsMatch(page, pages) && page != index),
            listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Links_LeadToFilesOfTheProject() =>
        Finding.None(Pages.Append("README.md").Append("samples/README.md").SelectMany(page => Links(page)
            .Where(target => !Path.Exists(Path.Combine(SourceTree.Root, target)))
            .Select(target => $"{page}: no {target}")));

    [Fact]
    public void FilesOnPages_AreThoseOfTheProject() =>
        Finding.None(Pages.SelectMany(page => Shown.Matches(SourceTree.Text(page))
            .Where(shown => SourceTree.Text(shown.Groups[1].Value) != shown.Groups[2].Value + "\n")
            .Select(shown => $"{page}: {shown.Groups[1].Value} is another; ./aegis cookbook --write")));

    [Fact]
    public void Recipes_HaveAPageThatShowsTheirWorkflow()
    {
        var recipes = SourceTree.In("/workflow.yaml", "samples/cookbook/").ToArray();
        Assert.True(recipes.Length >= 12, $"{recipes.Length} recipes");
        Assert.Equal(recipes, Pages.Where(page => page.StartsWith("docs/cookbook/", StringComparison.Ordinal))
            .SelectMany(page => Shown.Matches(SourceTree.Text(page))
                .Select(shown => shown.Groups[1].Value)
                .Where(file => file == RecipeOf(page))));
    }

    private static string RecipeOf(string page) =>
        $"samples/cookbook/{Path.GetFileNameWithoutExtension(page)}/workflow.yaml";

    private static IEnumerable<string> Links(string page) =>
        Link.Matches(SourceTree.Text(page)).Select(link => Target(page, link));

    private static string Target(string page, Match link) =>
        Path.GetRelativePath(SourceTree.Root, Path.GetFullPath(Path.Combine(
            SourceTree.Root, Path.GetDirectoryName(page)!, link.Groups[1].Value)));
}
