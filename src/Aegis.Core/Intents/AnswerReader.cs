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
        var words = text.Words.ToList();
        if (words.Count <= WordsMax && !raw.Contains('?', StringComparison.Ordinal))
        {
            foreach (var (list, answer) in new[]
                { (book.Stop, Stop), (book.No, No), (book.Yes, Yes) })
            {
                if (words.Any(w => Has(list, w)) && words.All(w => Has(list, w) || Has(book.Filler, w)))
                {
                    return Of(answer, null);
                }
            }
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
