using System.Buffers;
using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>
/// Understands a sentence by its words alone, the same each time. 1. orders to the machine are no wish;
/// 2. an answer to what was asked; 3. a greeting, thanks or a call for help alone; 4. each clause is scored
/// for each intent, and the best one wins, the less surely the nearer the second comes; 5. the slots. A model
/// may be asked where this is unsure; it never overrules 1 to 3.
/// </summary>
public sealed class IntentDetector(IntentBook book)
{
    /// <summary>Characters of a sentence.</summary>
    public const int CharsMax = 8_000;

    /// <summary>From here on no model is asked.</summary>
    public const double SureFrom = 0.55;

    /// <summary>What a sentence says that says nothing else.</summary>
    private const double Plain = 0.95;

    private static readonly SearchValues<char> SpanishAlone = SearchValues.Create("ñ¿¡áéíóúÑÁÉÍÓÚ");

    public static IntentDetector BuiltIn { get; } = new(IntentBook.BuiltIn);

    public DetectedIntent Detect(string text)
    {
        text = text.Length <= CharsMax ? text : text[..CharsMax];
        var folded = FoldedText.Of(text);
        var (language, isTold) = LanguageOf(folded, text);
        return Read(folded, text, language) with { TellsLanguage = isTold };
    }

    /// <summary>A sentence in a conversation in which exactly one thing waits for a human: a yes with a hint,
    /// or perhaps one. Null where the sentence surely means something else.</summary>
    public DetectedIntent? DetectHint(string text)
    {
        var found = Detect(text);
        if (found.IsHostile || found.Intent == Intent.Answer || text.Length > CharsMax)
        {
            return null;
        }
        var said = AnswerReader.ReadHint(book.Answers, FoldedText.Of(text), text);
        return said is not null && (said[SlotName.Answer] == AnswerReader.Yes || found.Confidence < SureFrom)
            ? new(Intent.Answer, said, found.Confidence, found.Language, DetectedIntent.Rules) : null;
    }

    /// <summary>A yes to what was offered just before, in words that are none elsewhere; null for
    /// none.</summary>
    public DetectedIntent? DetectAssent(string text)
    {
        if (text.Length > CharsMax || Detect(text) is { IsHostile: true } or { Intent: Intent.Answer })
        {
            return null;
        }
        var folded = FoldedText.Of(text);
        return AnswerReader.ReadAssent(book.Answers, folded, text) is { } answer
            ? new(Intent.Answer, answer, Plain, LanguageOf(folded, text).Language, DetectedIntent.Rules)
            : null;
    }

    private DetectedIntent Read(FoldedText folded, string text, string language)
    {
        if (IsHostile(folded))
        {
            return new(Intent.Question, ImmutableSortedDictionary<string, string>.Empty, 1, language,
                DetectedIntent.Rules) { IsHostile = true };
        }
        if (AnswerReader.Read(book.Answers, folded, text) is { } answer)
        {
            return new(Intent.Answer, answer, Plain, language, DetectedIntent.Rules);
        }
        if (CourtesyReader.Read(book.Courtesies, folded) is { } courtesy)
        {
            return new(Intent.Question, ImmutableSortedDictionary<string, string>.Empty, Plain, language,
                DetectedIntent.Rules) { Courtesy = courtesy };
        }
        var score = IntentScore.Of(book, folded);
        return new(score.Best, SlotReader.Read(book, score.Best, folded, text), score.Confidence,
            language, DetectedIntent.Rules);
    }

    private bool IsHostile(FoldedText text) =>
        book.HostileMarks.Any(m => text.Plain.Contains(m, StringComparison.Ordinal))
        || text.Clauses.Any(c => book.HostilePhrases.Any(p => p.Find(c) is not null));

    // words of both languages are counted; letters that only one has decide alone
    private (string Language, bool IsTold) LanguageOf(FoldedText text, string raw)
    {
        var votes = book.Markers.Keys.ToDictionary(l => l, l => 0.0, StringComparer.Ordinal);
        foreach (var word in text.Words)
        {
            foreach (var (language, markers) in book.Markers)
            {
                votes[language] += markers.Contains(word) ? 1 : 0;
            }
        }
        foreach (var said in book.Intents.Values.SelectMany(w => w.Verbs.Concat(w.Phrases).Concat(w.Wants)))
        {
            if (votes.ContainsKey(said.Language) && text.Clauses.Any(c => said.Words.Find(c) is not null))
            {
                votes[said.Language] += 1;
            }
        }
        if (votes.ContainsKey("es") && raw.AsSpan().IndexOfAny(SpanishAlone) >= 0)
        {
            votes["es"] += 2;
        }
        var (first, most) = votes.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal)
            .First();
        return (first, votes.Count(v => v.Value == most) == 1);
    }
}
