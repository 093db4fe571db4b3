using Aegis.Core.Languages;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>How the built-in rules read a file.</summary>
internal enum Grammar
{
    JavaScript,
    Python,
    CSharp,
    Shell,
    Sql,
}

internal static class Grammars
{
    /// <summary>Of its language, or by the first line of a script without an ending; null where the rules
    /// read no such file.</summary>
    public static Grammar? Of(string path, string text) => CodeLanguage.Of(path) switch
    {
        // a component's file is markup with a script in it
        "javascript" when path.EndsWith(".vue", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".svelte", StringComparison.OrdinalIgnoreCase) => null,
        "javascript" or "typescript" => Grammar.JavaScript,
        "python" => Grammar.Python,
        "csharp" => Grammar.CSharp,
        "shell" => Grammar.Shell,
        "sql" => Grammar.Sql,
        null when System.IO.Path.GetExtension(path).Length == 0
            && text.StartsWith("#!", StringComparison.Ordinal) => OfFirstLine(text),
        _ => null,
    };

    private static Grammar? OfFirstLine(string text)
    {
        var line = text.AsSpan(0, Math.Min(text.Length, 200));
        line = line[..(line.IndexOf('\n') is var end and >= 0 ? end : line.Length)];
        return line.Contains("python", StringComparison.Ordinal) ? Grammar.Python
            : line.Contains("node", StringComparison.Ordinal) ? Grammar.JavaScript
            : line.TrimEnd().EndsWith("sh", StringComparison.Ordinal) ? Grammar.Shell : null;
    }
}
