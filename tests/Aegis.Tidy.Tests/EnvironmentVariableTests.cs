using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>docs/configuration.md names each variable that the product or its script reads.</summary>
public sealed partial class EnvironmentVariableTests
{
    private const string Page = "docs/configuration.md";

    private static readonly HashSet<string> OfSources =
    [
        .. SourceTree.In(".cs", "src/", "sdk/", "bench/")
            .SelectMany(f => Names(QuotedName(), SourceTree.Text(f))),
    ];

    private static readonly HashSet<string> OfScripts =
    [
        .. SourceTree.In("", "aegis", "deploy/", "demo/")
            .SelectMany(f => Names(ShellName(), SourceTree.Text(f))),
    ];

    [Fact]
    public void Variables_OfTheSources_AreDocumented() =>
        Finding.None(OfSources.Except(Documented()).Select(name => $"{name} is not in {Page}"));

    [Fact]
    public void Variables_OfTheDocs_AreRead() =>
        Finding.None(Documented().Where(name => !OfSources.Contains(name) && !OfScripts.Contains(name))
            .Select(name => $"{Page} names {name}, which nothing reads"));

    [Theory]
    [InlineData("Get(\"AEGIS_PORT\")", "AEGIS_PORT")]
    [InlineData("// AEGIS_PORT in a comment", null)]
    public void QuotedName_IsRecognised(string line, string? name) =>
        Assert.Equal(name is null ? [] : [name], Names(QuotedName(), line));

    private static HashSet<string> Documented() =>
        SourceTree.Files.Contains(Page) ? [.. Names(ShellName(), SourceTree.Text(Page))] : [];

    private static IEnumerable<string> Names(Regex pattern, string text) =>
        pattern.Matches(text).Select(m => m.Groups[1].Value);

    [GeneratedRegex("\"(AEGIS_[A-Z0-9_]+)\"")]
    private static partial Regex QuotedName();

    [GeneratedRegex(@"\b(AEGIS_[A-Z0-9_]*[A-Z0-9])\b")]
    private static partial Regex ShellName();
}
