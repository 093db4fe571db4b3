using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>What a sentence means by the likeness of its words to those of the examples.</summary>
internal sealed class ExampleReader(IntentBook book, IEnumerable<IntentExample> examples)
{
    /// <summary>An act that is spoken of and perhaps not wished is never surer than this.</summary>
    private const double Doubted = 0.5;

    /// <summary>Below this nothing is wished.</summary>
    private const double NothingBelow = 0.3;

    /// <summary>Words of a clause that belongs to the next: "don't, please, deploy it".</summary>
    internal const int ShortWordsMax = 3;
    internal const int ShortClausesMax = 2;

    private readonly WordCounts<(Intent Intent, bool IsLater)> counts = new(
        examples.Select(e => ((e.Intent, e.IsLater), SentenceWords.Of(e.Folded.Clauses))));

    public (Intent Intent, double Confidence, Courtesy? Courtesy) Read(FoldedText text)
    {
        if (counts.Find(SentenceWords.Of(text.Clauses)) is not { } found)
        {
            return (Intent.Question, 0, null);
        }
        var ((intent, isLater), confidence) = (found.Label, Math.Round(found.Confidence, 3));
        return intent.Acts() && confidence < NothingBelow ? (Intent.Question, confidence, null)
            : intent.Acts() && IsDoubted(intent, text.Clauses) ? (intent, Math.Min(confidence, Doubted), null)
            : (intent, confidence, isLater && confidence >= IntentDetector.SureFrom ? Courtesy.Later : null);
    }

    /// <summary>"don't deploy it" and "how do I deploy it?" are mostly known for what they are; where they
    /// are not, nothing is done without a question. What is to be mended is told with a no.</summary>
    private bool IsDoubted(Intent intent, ImmutableArray<ImmutableArray<string>> clauses)
    {
        if (intent is Intent.Repair or Intent.Scan)
        {
            return false;
        }
        var said = Enumerable.Range(0, Math.Min(clauses.Length, SentenceWords.ClausesMax)).MaxBy(at =>
            counts.Find(SentenceWords.Of([clauses[at]])) is { } found && found.Label.Intent == intent
                ? found.Confidence : 0);
        return Asks(clauses[said]) || Denies(clauses[said])
            || clauses[Math.Max(0, said - ShortClausesMax)..said]
                .Any(c => c.Length <= ShortWordsMax && Denies(c));
    }

    private bool Denies(ImmutableArray<string> clause) =>
        book.Negations.Any(n => n.Find(clause) is not null);

    private bool Asks(ImmutableArray<string> clause)
    {
        var at = 0;
        while (at < clause.Length && PhrasePattern.LongestAt(book.Polite, clause, at) is > 0 and var polite)
        {
            at += polite;
        }
        return at < clause.Length && book.Asks.Any(a => a.LengthAt(clause, at) > 0);
    }
}
