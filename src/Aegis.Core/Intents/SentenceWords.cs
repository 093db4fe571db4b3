using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>What of a sentence tells its intent: its words, and each with the one before it. What somebody
/// wants stands near the beginning of a part.</summary>
internal static class SentenceWords
{
    /// <summary>Clauses of a sentence, and words of a clause, that are looked at.</summary>
    public const int ClausesMax = 24;
    public const int WordsMax = 40;

    // the forms of a verb share their beginning
    private const int StemLetters = 4;
    private const string Begin = "^";

    public static IReadOnlySet<string> Of(ImmutableArray<ImmutableArray<string>> clauses)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var clause in clauses.Take(ClausesMax))
        {
            var before = Begin;
            foreach (var word in clause.Take(WordsMax))
            {
                found.Add(word);
                found.Add($"{Stem(before)} {Stem(word)}");
                before = word;
            }
        }
        return found;
    }

    private static string Stem(string word) => word.Length <= StemLetters ? word : word[..StemLetters];
}
