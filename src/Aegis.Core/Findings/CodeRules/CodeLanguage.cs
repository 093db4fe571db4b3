namespace Aegis.Core.Findings.CodeRules;

/// <summary>The languages that the built-in rules read.</summary>
internal enum CodeLanguage
{
    JavaScript,
    Python,
    CSharp,
    Shell,
    Sql,
}

internal static class CodeLanguages
{
    /// <summary>By the name's end, or by the first line of a script without one; null for any
    /// other.</summary>
    public static CodeLanguage? Of(string path, string text) =>
        System.IO.Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".js" or ".cjs" or ".mjs" or ".jsx" or ".ts" or ".cts" or ".mts" or ".tsx" =>
                CodeLanguage.JavaScript,
            ".py" or ".pyw" => CodeLanguage.Python,
            ".cs" or ".csx" => CodeLanguage.CSharp,
            ".sh" or ".bash" or ".ksh" => CodeLanguage.Shell,
            ".sql" or ".psql" or ".ddl" => CodeLanguage.Sql,
            "" when text.StartsWith("#!", StringComparison.Ordinal) => OfFirstLine(text),
            _ => null,
        };

    private static CodeLanguage? OfFirstLine(string text)
    {
        var line = text.AsSpan(0, Math.Min(text.Length, 200));
        line = line[..(line.IndexOf('\n') is var end and >= 0 ? end : line.Length)];
        return line.Contains("python", StringComparison.Ordinal) ? CodeLanguage.Python
            : line.Contains("node", StringComparison.Ordinal) ? CodeLanguage.JavaScript
            : line.TrimEnd().EndsWith("sh", StringComparison.Ordinal) ? CodeLanguage.Shell : null;
    }
}
