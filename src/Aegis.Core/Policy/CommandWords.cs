using System.Text;

namespace Aegis.Core.Policy;

/// <summary>Writes words as the command line that a shell reads the same words from.</summary>
public static class CommandWords
{
    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Quoted));

    /// <summary>One of them.</summary>
    public static string Quoted(string word) => word.Length > 0
        && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '=' or ':' or ',')
            ? word
            : new StringBuilder("'").Append(word.Replace("'", "'\\''", StringComparison.Ordinal))
                .Append('\'').ToString();
}
