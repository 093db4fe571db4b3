using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.RepoMaps;

/// <summary>Tests that a change can touch, by the import graph.</summary>
public static partial class AffectedTests
{
    /// <summary>The test files that import one of the changed files, or are one; none where some changed file
    /// is not known to the graph: what it touches cannot be told.</summary>
    public static ImmutableArray<string> Of(
        ImmutableDictionary<string, ImmutableArray<string>> imports, IReadOnlyCollection<string> changed) =>
        changed.All(c => SourceFile.LanguageOf(c) != SourceLanguage.None && imports.ContainsKey(c))
            ? [.. ImportGraph.Importers(imports, changed).Where(IsTest)]
            : [];

    /// <summary>By the names that runners find tests by.</summary>
    public static bool IsTest(string path) => Name().IsMatch(path);

    [GeneratedRegex(@"(^|/)(test_[^/]*\.py|[^/]*_test\.(py|go)|[^/]*[._-](test|spec)\.[cm]?[jt]sx?|"
        + @"test-[^/]*\.[cm]?js|[^/]*Tests?\.(cs|java))$|(^|/)(tests?|__tests__)/[^/]*\.([cm]?[jt]sx?|rs)$")]
    private static partial Regex Name();
}
