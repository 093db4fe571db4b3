using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.RepoMaps;

/// <summary>Names in a text, as most languages write them.</summary>
internal static partial class SourceNames
{
    /// <summary>Shorter ones say nothing: they stand everywhere.</summary>
    public const int LengthMin = 3;

    /// <summary>How often each of the names stands in the text, in the order of the names.</summary>
    public static ImmutableArray<NameCount> Counts(string text, HashSet<string> names)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var lookup = names.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var match in Name().EnumerateMatches(text))
        {
            if (lookup.TryGetValue(text.AsSpan(match.Index, match.Length), out var name))
            {
                counts[name] = counts.GetValueOrDefault(name) + 1;
            }
        }
        return [.. counts.Select(c => new NameCount(c.Key, c.Value))];
    }

    /// <summary>Every name of a text, each once.</summary>
    public static HashSet<string> All(string text)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var match in Name().EnumerateMatches(text))
        {
            if (match.Length >= LengthMin)
            {
                names.Add(text.Substring(match.Index, match.Length));
            }
        }
        return names;
    }

    /// <summary>The words of a name: <c>readFile</c> and <c>read_file</c> are read and file.</summary>
    public static IEnumerable<string> Words(string name) => Word().Matches(name)
        .Where(m => m.Length >= LengthMin).Select(m => m.Value.ToUpperInvariant());

    [GeneratedRegex(@"[\p{L}_$][\p{L}\p{Nd}_$]*", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Nd}+|\p{Lo}+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
