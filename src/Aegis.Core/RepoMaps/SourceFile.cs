using System.Collections.Immutable;

namespace Aegis.Core.RepoMaps;

/// <summary>Languages whose imports and names are read.</summary>
public enum SourceLanguage
{
    None,
    JavaScript,
    Python,
    CSharp,
    Go,
    Rust,
    Java,
}

/// <summary>A file of a repository.</summary>
/// <param name="Path">Relative, with slashes.</param>
public sealed record SourceFile(string Path, string Text)
{
    public SourceLanguage Language => LanguageOf(Path);

    public static SourceLanguage LanguageOf(string path) => Extension(path) switch
    {
        ".js" or ".mjs" or ".cjs" or ".jsx" or ".ts" or ".mts" or ".cts" or ".tsx" =>
            SourceLanguage.JavaScript,
        ".py" => SourceLanguage.Python,
        ".cs" => SourceLanguage.CSharp,
        ".go" => SourceLanguage.Go,
        ".rs" => SourceLanguage.Rust,
        ".java" => SourceLanguage.Java,
        _ => SourceLanguage.None,
    };

    internal static string Folder(string path) =>
        path.LastIndexOf('/') is var slash && slash < 0 ? "" : path[..slash];

    internal static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    private static string Extension(string path) =>
        path.LastIndexOf('.') is var dot && dot < 0 ? "" : path[dot..];
}

/// <summary>Something that a file defines.</summary>
/// <param name="Kind">In ctags' words: class, method, function, field, …</param>
/// <param name="Line">From 1.</param>
/// <param name="Signature">Its parameters, or nothing.</param>
public sealed record SymbolDefinition(string Name, string Kind, int Line, string Signature = "");

/// <summary>What is known of a repository's files, whoever found the definitions.</summary>
/// <param name="Paths">In byte order.</param>
/// <param name="Symbols">By path.</param>
/// <param name="Imports">From a file to those of the same repository that it imports.</param>
/// <param name="References">By path: names that it uses and how often.</param>
public sealed record RepoIndex(
    ImmutableArray<string> Paths,
    ImmutableDictionary<string, ImmutableArray<SymbolDefinition>> Symbols,
    ImmutableDictionary<string, ImmutableArray<string>> Imports,
    ImmutableDictionary<string, ImmutableArray<NameCount>> References)
{
    /// <param name="symbols">Of some or all of the files; the built-in reading serves where there are
    /// none.</param>
    public static RepoIndex Of(ImmutableArray<SourceFile> files,
        IReadOnlyDictionary<string, ImmutableArray<SymbolDefinition>>? symbols = null)
    {
        ImmutableArray<SourceFile> ordered = [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)];
        var defined = ordered.ToImmutableDictionary(f => f.Path,
            f => symbols?.GetValueOrDefault(f.Path) is { IsDefault: false } given ? given : SymbolScan.Of(f));
        var names = defined.Values.SelectMany(s => s).Select(s => s.Name)
            .Where(n => n.Length >= SourceNames.LengthMin).ToHashSet(StringComparer.Ordinal);
        return new RepoIndex([.. ordered.Select(f => f.Path)], defined, ImportGraph.Of(ordered),
            ordered.ToImmutableDictionary(f => f.Path, f => SourceNames.Counts(f.Text, names)));
    }
}

public readonly record struct NameCount(string Name, int Count);
