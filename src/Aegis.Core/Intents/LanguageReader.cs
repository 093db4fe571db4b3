using System.Buffers;

namespace Aegis.Core.Intents;

/// <summary>Tells the language of a sentence: words of both are counted, and letters that only one
/// has.</summary>
internal sealed class LanguageReader
{
    private const string Spanish = "es";
    private const int LettersWeigh = 2;

    // a word of one example may be a slip, or borrowed
    private const int ExamplesMin = 2;

    private static readonly SearchValues<char> SpanishAlone = SearchValues.Create("ñ¿¡áéíóúÑÁÉÍÓÚ");
    private readonly Dictionary<string, string> byWord = new(StringComparer.Ordinal);
    private readonly string[] languages;

    public LanguageReader(IntentBook book, IReadOnlyCollection<IntentExample> examples)
    {
        languages = [.. book.Markers.Keys];
        var seen = examples.SelectMany(e => e.Folded.Words.Distinct()
            .Select(word => (Word: word, e.Language))).GroupBy(s => s.Word, StringComparer.Ordinal);
        foreach (var word in seen)
        {
            var of = word.Select(w => w.Language).Distinct().ToList();
            if (of.Count == 1 && word.Count() >= ExamplesMin)
            {
                byWord[word.Key] = of[0];
            }
        }
        foreach (var marked in book.Markers.SelectMany(m => m.Value.Select(word => (Word: word, m.Key)))
            .GroupBy(m => m.Word, m => m.Key, StringComparer.Ordinal))
        {
            // a word of both tells nothing
            byWord.Remove(marked.Key);
            if (marked.Count() == 1)
            {
                byWord[marked.Key] = marked.First();
            }
        }
    }

    /// <summary>The language, and whether it was told; else the first is guessed.</summary>
    public (string Language, bool IsTold) Read(FoldedText text, string raw)
    {
        var votes = languages.ToDictionary(l => l, _ => 0, StringComparer.Ordinal);
        foreach (var word in text.Words)
        {
            if (byWord.TryGetValue(word, out var language))
            {
                votes[language]++;
            }
        }
        if (votes.ContainsKey(Spanish) && raw.AsSpan().IndexOfAny(SpanishAlone) >= 0)
        {
            votes[Spanish] += LettersWeigh;
        }
        var (first, most) = votes.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal)
            .First();
        return (first, votes.Count(v => v.Value == most) == 1);
    }
}
