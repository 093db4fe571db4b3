using System.Buffers;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Tells whether a string reads as SQL: it begins with a verb and goes on like a
/// statement.</summary>
internal static class SqlText
{
    private static readonly string[] Verbs =
    [
        "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "WITH", "DROP", "ALTER", "CREATE",
        "TRUNCATE", "EXEC", "EXECUTE", "CALL", "PRAGMA",
    ];

    private static readonly SearchValues<string> Marks = SearchValues.Create(
        [" FROM", "INTO ", " SET ", "TABLE", " VALUES", " WHERE", "DATABASE", " USER ", "\nFROM", "\nSET"],
        StringComparison.OrdinalIgnoreCase);

    public static bool Is(ReadOnlySpan<char> text)
    {
        text = text.TrimStart(" \t\r\n(");
        foreach (var verb in Verbs)
        {
            if (text.StartsWith(verb, StringComparison.OrdinalIgnoreCase)
                && (text.Length == verb.Length || char.IsWhiteSpace(text[verb.Length])
                    || text[verb.Length] is '*'))
            {
                return text.StartsWith(verb, StringComparison.Ordinal) || text.ContainsAny(Marks);
            }
        }
        return false;
    }
}
