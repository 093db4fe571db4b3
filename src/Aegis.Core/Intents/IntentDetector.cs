using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>
/// Understands a sentence by its words alone, the same each time. 1. orders to the machine are no wish;
/// 2. an answer to what was asked; 3. a greeting, thanks or a call for help alone; 4. what the examples mean
/// whose words it shares; 5. the slots. A model may be asked where this is unsure; it never overrules 1 to 3.
/// </summary>
public sealed class IntentDetector(IntentBook book, IReadOnlyCollection<IntentExample> examples)
{
    /// <summary>Characters of a sentence.</summary>
    public const int CharsMax = 8_000;

    /// <summary>From here on no model is asked.</summary>
    public const double SureFrom = 0.55;

    /// <summary>From here on an act is wished where something waits for a human: what is said of work that is
    /// under way sounds like a wish ("use a sum", "the port is 8080").</summary>
    private const double WishedFrom = 0.9;

    /// <summary>What a sentence says that says nothing else.</summary>
    private const double Plain = 0.95;

    private readonly ExampleReader reader = new(book, examples);
    private readonly LanguageReader languages = new(book, examples);

    public static IntentDetector BuiltIn { get; } = new(IntentBook.BuiltIn, IntentExamples.Shipped);

    public DetectedIntent Detect(string text)
    {
        text = text.Length <= CharsMax ? text : text[..CharsMax];
        var folded = FoldedText.Of(text);
        var (language, isTold) = languages.Read(folded, text);
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
        var meansElse = found.Confidence >= (found.Intent.Acts() ? WishedFrom : SureFrom);
        return said is not null && (said[SlotName.Answer] == AnswerReader.Yes || !meansElse)
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
            ? new(Intent.Answer, answer, Plain, languages.Read(folded, text).Language, DetectedIntent.Rules)
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
        var (intent, confidence, putOff) = AnswerReader.SaysNothing(book.Answers, folded, text)
            ? (Intent.Question, 0, null) : reader.Read(folded);
        return new(intent, SlotReader.Read(book, intent, folded, text), confidence, language,
            DetectedIntent.Rules) { Courtesy = putOff };
    }

    private bool IsHostile(FoldedText text) =>
        book.HostileMarks.Any(m => text.Plain.Contains(m, StringComparison.Ordinal))
        || text.Clauses.Any(c => book.HostilePhrases.Any(p => p.Find(c) is not null));
}
