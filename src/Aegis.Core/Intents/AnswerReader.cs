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
        if (OfWords(book, text, raw) is { } answer)
        {
            return answer;
        }
        // "no, use PostgreSQL instead": the first word, a mark, and why
        return Behind(book.No, text, raw) is { } why ? Of(No, why) : null;
    }

    /// <summary>What a sentence says to whoever waits for a human: the words behind "yes, …" are a yes with
    /// a hint; any other sentence that asks nothing may be one, which a yes must follow. Whether somebody
    /// waits is for the caller to know.</summary>
    public static ImmutableSortedDictionary<string, string>? ReadHint(
        AnswerWords book, FoldedText text, string raw) =>
        text.Clauses.Length == 0 || raw.AsSpan().IndexOfAny('?', '¿') >= 0 ? null
            : Behind([.. book.Yes, .. book.Consent], text, raw) is { } hint ? Of(Yes, hint)
            : Of(Hint, SlotReader.Cut(raw.Trim()));

    /// <summary>A yes by words that are one only where something was offered just before.</summary>
    public static ImmutableSortedDictionary<string, string>? ReadAssent(
        AnswerWords book, FoldedText text, string raw) =>
        Said(book, text, raw) is { Length: > 0 } said
            && said.Any(s => s.HasFlag(Part.Assent))
            && said.All(s => (s & (Part.Assent | Part.Yes | Part.Consent | Part.Filler)) != 0)
            ? Of(Yes, null) : null;

    /// <summary>Whether a sentence has nothing but words that say something only beside others: "ok,
    /// then".</summary>
    public static bool SaysNothing(AnswerWords book, FoldedText text, string raw) =>
        Said(book, text, raw) is { } said && said.Any(s => s.HasFlag(Part.Assent))
            && said.All(s => (s & (Part.Assent | Part.Filler)) != 0);

    /// <summary>A sentence of nothing but words of answers. "I don't approve" is a no, and "don't stop" is no
    /// answer at all.</summary>
    private static ImmutableSortedDictionary<string, string>? OfWords(
        AnswerWords book, FoldedText text, string raw)
    {
        if (Said(book, text, raw) is not { } all
            || all.Where(s => !s.HasFlag(Part.Filler)).ToList() is not { Count: > 0 } said)
        {
            return null;
        }
        bool Any(Part part) => said.Any(s => (s & part) != 0);
        bool All(Part parts) => said.All(s => (s & parts) != 0);
        var agreed = Any(Part.Consent) ? Part.Yes | Part.Consent | Part.Stoppable : Part.Yes;
        // "reject the deployment"
        var refused = said.Any(s => s.HasFlag(Part.No) && !s.HasFlag(Part.Negation))
            ? Part.No | Part.Negation | Part.Stoppable : Part.No | Part.Negation;
        // "don't deny it"
        var isRefusalRefused = said.Any(s => s.HasFlag(Part.Negation) && !s.HasFlag(Part.No))
            && Any(Part.No);
        var answer = Any(Part.Stop) && All(Part.Stop | Part.Stoppable) ? Stop
            : All(agreed) ? Yes
            : All(refused) && !isRefusalRefused ? No
            : All(agreed | Part.Negation) && Any(agreed & ~Part.Stoppable) ? No
            : null;
        if (answer is null)
        {
            return null;
        }
        var slots = Of(answer, null);
        return text.Words.FirstOrDefault(SlotReader.IsRunId) is { } run
            ? slots.Add(SlotName.Run, run) : slots;
    }

    /// <summary>What each word or phrase of a sentence may be, the longest first, names of runs left out;
    /// null where one is no word of answers, or where the sentence asks or is long.</summary>
    private static ImmutableArray<Part>? Said(AnswerWords book, FoldedText text, string raw)
    {
        ImmutableArray<string> words = [.. text.Words];
        if (words.Length > WordsMax || raw.Contains('?', StringComparison.Ordinal))
        {
            return null;
        }
        words = words.RemoveAll(SlotReader.IsRunId);
        var said = ImmutableArray.CreateBuilder<Part>();
        for (var at = 0; at < words.Length;)
        {
            var (longest, parts) = (0, default(Part));
            foreach (var (part, list) in Lists(book))
            {
                var length = PhrasePattern.LongestAt(list, words, at, maySlip: false);
                parts = length > longest ? part : length == longest ? parts | part : parts;
                longest = Math.Max(longest, length);
            }
            if (longest == 0)
            {
                return null;
            }
            said.Add(parts);
            at += longest;
        }
        return said.ToImmutable();
    }

    private static IEnumerable<(Part Part, ImmutableArray<PhrasePattern> List)> Lists(AnswerWords book) =>
    [
        (Part.Yes, book.Yes), (Part.Consent, book.Consent), (Part.No, book.No), (Part.Stop, book.Stop),
        (Part.Negation, book.Negation), (Part.Stoppable, book.Stoppable), (Part.Assent, book.Assent),
        (Part.Filler, book.Filler),
    ];

    /// <summary>What stands behind a word of the list and a mark; null where none begins the
    /// sentence.</summary>
    private static string? Behind(ImmutableArray<PhrasePattern> list, FoldedText text, string raw) =>
        text.Clauses is [{ Length: 1 } first, _, ..]
            && PhrasePattern.LongestAt(list, first, 0, maySlip: false) == 1
            && raw.IndexOfAny([',', ';', '.', ':']) is > 0 and var mark ? Rest(raw, mark) : null;

    private static string Rest(string raw, int mark) => SlotReader.Cut(raw[(mark + 1)..].Trim());

    private static ImmutableSortedDictionary<string, string> Of(string answer, string? hint)
    {
        var slots = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add(SlotName.Answer, answer);
        return string.IsNullOrEmpty(hint) ? slots : slots.Add(SlotName.Hint, hint);
    }

    [Flags]
    private enum Part
    {
        Yes = 1,
        Consent = 2,
        No = 4,
        Stop = 8,
        Negation = 16,
        Stoppable = 32,
        Assent = 64,
        Filler = 128,
    }
}
