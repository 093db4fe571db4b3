using System.Text.RegularExpressions;

namespace Aegis.Core.RepoMaps;

/// <summary>What a file says that it imports, as it is written there. Files may be hostile: patterns without
/// a way back go through one once, whatever it holds.</summary>
internal static partial class ImportScan
{
    public static IEnumerable<string> Of(SourceFile file) => file.Language switch
    {
        SourceLanguage.JavaScript => Groups(Script(), file.Text),
        SourceLanguage.Python => Python(file.Text),
        SourceLanguage.CSharp => Groups(CSharp(), file.Text),
        SourceLanguage.Go => Go(file.Text),
        SourceLanguage.Rust => Rust(file.Text),
        SourceLanguage.Java => Groups(Java(), file.Text),
        _ => [],
    };

    public static string? NamespaceOf(SourceFile file) =>
        (file.Language == SourceLanguage.Java ? JavaPackage() : CSharpNamespace()).Match(file.Text)
            is { Success: true } match ? match.Groups[1].Value : null;

    public static string? ModuleOf(string goMod) =>
        GoModule().Match(goMod) is { Success: true } match ? match.Groups[1].Value : null;

    private static IEnumerable<string> Groups(Regex pattern, string text) =>
        pattern.Matches(text).Select(m => m.Groups.Values.Skip(1).First(g => g.Success).Value);

    // `from a import b, c` may import the modules a.b and a.c
    private static IEnumerable<string> Python(string text)
    {
        foreach (Match match in PythonImport().Matches(text))
        {
            foreach (var module in match.Groups[1].Value.Split(','))
            {
                yield return module.Trim().Split(' ')[0];
            }
        }
        foreach (Match match in PythonFrom().Matches(text))
        {
            var from = match.Groups[1].Value;
            yield return from;
            foreach (var name in match.Groups[2].Value.Split(',', '(', ')', '\n', '\\'))
            {
                if (name.Trim().Split(' ')[0] is { Length: > 0 } word)
                {
                    yield return from.EndsWith('.') ? from + word : $"{from}.{word}";
                }
            }
        }
    }

    private static IEnumerable<string> Go(string text) =>
        Groups(GoOne(), text).Concat(GoMany().Matches(text)
            .SelectMany(m => Groups(Quoted(), m.Groups[1].Value)));

    private static IEnumerable<string> Rust(string text) =>
        Groups(RustUse(), text).Select(u => u.Replace(" ", "", StringComparison.Ordinal))
            .Concat(Groups(RustMod(), text).Select(m => $"self::{m}"));

    [GeneratedRegex("""(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(?:'([^'\n]+)'|"([^"\n]+)")""",
        RegexOptions.NonBacktracking)]
    private static partial Regex Script();

    [GeneratedRegex(@"^[ \t]*import[ \t]+([\w., \t]+)",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex PythonImport();

    // this one goes back: each of its many matches would have the other kind look to the end of the file
    [GeneratedRegex(@"^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)",
        RegexOptions.Multiline)]
    private static partial Regex PythonFrom();

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)\s*;",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex CSharp();

    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex CSharpNamespace();

    [GeneratedRegex("""^import\s+(?:\w+\s+)?"([^"]+)""",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex GoOne();

    [GeneratedRegex(@"^import\s*\(([^)]*)\)",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex GoMany();

    [GeneratedRegex("\"([^\"]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^module\s+(\S+)",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex GoModule();

    [GeneratedRegex(@"\buse\s+((?:crate|self|super)(?:::\s*\w+)*)", RegexOptions.NonBacktracking)]
    private static partial Regex RustUse();

    [GeneratedRegex(@"^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex RustMod();

    [GeneratedRegex(@"^\s*import\s+(?:static\s+)?([\w.]+?)(?:\.\*)?\s*;",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Java();

    [GeneratedRegex(@"^\s*package\s+([\w.]+)\s*;",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex JavaPackage();
}
