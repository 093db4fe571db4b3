using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>Reads a sentence as an answer to what was asked. Only a sentence that says nothing else is one:
/// an answer can let a deployment through.</summary>
internal static class AnswerReader
{
    public const string Yes = "yes";
    public const string No = "no";
    public const string Stop = "stop";

    /// <summary>Perhaps a yes with a hint.</summary>
    public const string Hint = "hint";

    private const int WordsMax = 8;

    /// <summary>Its slots; null for no answer.</summary>
    public static ImmutableSortedDictionary<string, string>? Read(
        AnswerWords book, FoldedText text, string raw)
    {
        foreach (var hint in book.Hints)
        {
            if (text.Plain.StartsWith(hint, StringComparison.Ordinal))
            {
                return Of(Yes, Rest(raw, raw.IndexOf(':', StringComparison.Ordinal)));
            }
        }
        if (text.Clauses.Length == 0)
        {
            return null;
        }
        if (OfWords(book, [.. text.Words], raw) is { } answer)
        {
            return answer;
        }
        // "no, use PostgreSQL instead": the first word, a mark, and why
        return text.Clauses is [[var first], _, ..] && Has(book.No, first)
            && raw.IndexOfAny([',', ';', '.', ':']) is > 0 and var mark
            ? Of(No, Rest(raw, mark)) : null;
    }

    /// <summary>What a sentence says to whoever waits for a human: the words behind "yes, …" are a yes with
    /// a hint; any other sentence that asks nothing may be one, which a yes must follow. Whether somebody
    /// waits is for the caller to know.</summary>
    public static ImmutableSortedDictionary<string, string>? ReadHint(
        AnswerWords book, FoldedText text, string raw)
    {
        if (text.Clauses.Length == 0 || raw.AsSpan().IndexOfAny('?', '¿') >= 0)
        {
            return null;
        }
        return text.Clauses is [[var first], _, ..] && Has(book.Yes, first)
            && raw.IndexOfAny([',', ';', '.', ':']) is > 0 and var mark
            ? Of(Yes, Rest(raw, mark)) : Of(Hint, SlotReader.Cut(raw.Trim()));
    }

    /// <summary>A yes by words that are one only where something was offered just before.</summary>
    public static ImmutableSortedDictionary<string, string>? ReadAssent(
        AnswerWords book, FoldedText text, string raw)
    {
        ImmutableArray<string> words = [.. text.Words];
        return words.Length <= WordsMax && !raw.Contains('?', StringComparison.Ordinal)
            && words.Any(w => Has(book.Assent, w))
            && words.All(w => Has(book.Assent, w) || Has(book.Yes, w) || Has(book.Filler, w))
            ? Of(Yes, null) : null;
    }

    /// <summary>A sentence of nothing but words of answers. "I don't approve" is a no, and "don't stop" is no
    /// answer at all.</summary>
    private static ImmutableSortedDictionary<string, string>? OfWords(
        AnswerWords book, ImmutableArray<string> words, string raw)
    {
        if (words.Length > WordsMax || raw.Contains('?', StringComparison.Ordinal))
        {
            return null;
        }
        var run = words.FirstOrDefault(SlotReader.IsRunId);
        words = [.. words.Where(w => !SlotReader.IsRunId(w) && !Has(book.Filler, w))];
        bool All(params ReadOnlySpan<ImmutableArray<WordPattern>> lists)
        {
            foreach (var word in words)
            {
                var isIn = false;
                foreach (var list in lists)
                {
                    isIn |= Has(list, word);
                }
                if (!isIn)
                {
                    return false;
                }
            }
            return words.Length > 0;
        }
        var answer = words.Any(w => Has(book.Stop, w)) && All(book.Stop, book.Stoppable) ? Stop
            : All(book.Yes) ? Yes
            : All(book.No, book.Negation) && !IsRefusalRefused(book, words) ? No
            : All(book.Yes, book.Negation) ? No
            : null;
        return answer is null ? null : Of(answer, null) is var slots && run is not null
            ? slots.Add(SlotName.Run, run) : slots;
    }

    // "don't deny it"
    private static bool IsRefusalRefused(AnswerWords book, ImmutableArray<string> words) =>
        words.Any(w => Has(book.Negation, w) && !Has(book.No, w)) && words.Any(w => Has(book.No, w));

    private static bool Has(ImmutableArray<WordPattern> list, string word) =>
        list.Any(w => w.Matches(word));

    private static string Rest(string raw, int mark) => SlotReader.Cut(raw[(mark + 1)..].Trim());

    private static ImmutableSortedDictionary<string, string> Of(string answer, string? hint)
    {
        var slots = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add(SlotName.Answer, answer);
        return string.IsNullOrEmpty(hint) ? slots : slots.Add(SlotName.Hint, hint);
    }
}
