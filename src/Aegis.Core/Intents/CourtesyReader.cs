using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>Finds a greeting, thanks, a goodbye or a call for help where a sentence says nothing
/// else.</summary>
internal static class CourtesyReader
{
    private const int WordsMax = 12;

    public static Courtesy? Read(CourtesyWords book, FoldedText text)
    {
        if (text.Words.Take(WordsMax + 1).Count() > WordsMax)
        {
            return null;
        }
        Courtesy? first = null;
        foreach (var clause in text.Clauses)
        {
            for (var at = 0; at < clause.Length;)
            {
                var (length, kind) = At(book, clause, at);
                if (length == 0)
                {
                    return null;
                }
                first = kind is { } said && (first is null || said < first) ? said : first;
                at += length;
            }
        }
        return first;
    }

    // the longest counts: "how are you" is no "how"
    private static (int Length, Courtesy? Kind) At(
        CourtesyWords book, ImmutableArray<string> clause, int at)
    {
        (int Length, Courtesy? Kind) best = (PhrasePattern.LongestAt(book.Filler, clause, at), null);
        foreach (var (kind, phrases) in book.Said)
        {
            var longest = PhrasePattern.LongestAt(phrases, clause, at);
            best = longest > best.Length ? (longest, kind) : best;
        }
        return best;
    }
}
