using System.Collections.Frozen;

namespace Aegis.Core.Languages;

/// <summary>Which language a file is written in, by its name alone: the one list, for vaccines, checks and
/// built-in rules.</summary>
public static class CodeLanguage
{
    private static readonly FrozenDictionary<string, string> ByEnding = new Dictionary<string, string>
    {
        ["js"] = "javascript", ["jsx"] = "javascript", ["mjs"] = "javascript", ["cjs"] = "javascript",
        ["ts"] = "typescript", ["tsx"] = "typescript", ["mts"] = "typescript", ["cts"] = "typescript",
        ["vue"] = "javascript", ["svelte"] = "javascript",
        ["py"] = "python", ["pyi"] = "python", ["pyw"] = "python", ["cs"] = "csharp", ["csx"] = "csharp",
        ["sh"] = "shell", ["bash"] = "shell", ["zsh"] = "shell", ["ksh"] = "shell",
        ["sql"] = "sql", ["psql"] = "sql", ["ddl"] = "sql",
        ["go"] = "go", ["rs"] = "rust", ["java"] = "java", ["kt"] = "kotlin",
        ["rb"] = "ruby", ["php"] = "php",
        ["c"] = "c", ["h"] = "c", ["cpp"] = "cpp", ["hpp"] = "cpp", ["cc"] = "cpp", ["swift"] = "swift",
        ["html"] = "html", ["htm"] = "html", ["css"] = "css", ["scss"] = "css",
        ["yaml"] = "yaml", ["yml"] = "yaml", ["toml"] = "toml", ["json"] = "json", ["tf"] = "terraform",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["js"] = "javascript", ["node"] = "javascript", ["ts"] = "typescript", ["py"] = "python",
        ["python3"] = "python", ["c#"] = "csharp", ["cs"] = "csharp", ["bash"] = "shell", ["sh"] = "shell",
        ["golang"] = "go", ["rs"] = "rust", ["c++"] = "cpp", ["dockerfile"] = "docker", ["hcl"] = "terraform",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>All there are, in order.</summary>
    public static IEnumerable<string> All { get; } =
        [.. ByEnding.Values.Append("docker").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Null where the name does not tell.</summary>
    public static string? Of(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (name.StartsWith("Dockerfile", StringComparison.Ordinal))
        {
            return "docker";
        }
        return ByEnding.GetValueOrDefault(name[(name.LastIndexOf('.') + 1)..]);
    }

    /// <summary>As people write it; null for one that is not known.</summary>
    public static string? Read(string name)
    {
        var plain = Aliases.GetValueOrDefault(name) ?? name.ToLowerInvariant();
        return All.Contains(plain) ? plain : null;
    }

    /// <summary>Whether what is said of one language holds for a file of the other. TypeScript is JavaScript
    /// with types.</summary>
    public static bool Holds(string language, string? ofFile) =>
        language == ofFile || (language == "javascript" && ofFile == "typescript");

    /// <summary>A file name of that language, for code that came without one.</summary>
    public static string Example(string? language) => language is null ? "example.txt"
        : language == "docker" ? "Dockerfile"
        : "example." + ByEnding.Where(e => e.Value == language).Select(e => e.Key)
            .OrderBy(e => Array.IndexOf(First, e) is var i and >= 0 ? i : First.Length)
            .ThenBy(e => e.Length).ThenBy(e => e, StringComparer.Ordinal).First();

    private static readonly string[] First = ["js", "ts", "py", "cs", "sh"];
}
