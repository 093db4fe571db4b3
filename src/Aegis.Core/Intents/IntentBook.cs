using System.Collections.Immutable;
using Aegis.Core.Discovery;

namespace Aegis.Core.Intents;

/// <summary>The words by which sentences are understood: <c>contracts/intents.yaml</c>.</summary>
/// <param name="Markers">By language, words that tell it.</param>
/// <param name="Polite">What a sentence begins with and says nothing of the wish.</param>
/// <param name="Asks">What a question begins with.</param>
/// <param name="HostileMarks">Parts of the raw text.</param>
/// <param name="Slots">By slot, its values and the words that mean them.</param>
public sealed record IntentBook(
    ImmutableSortedDictionary<string, ImmutableHashSet<string>> Markers,
    ImmutableArray<PhrasePattern> Polite,
    ImmutableArray<PhrasePattern> Asks,
    ImmutableArray<PhrasePattern> Negations,
    ImmutableArray<PhrasePattern> HostilePhrases,
    ImmutableArray<string> HostileMarks,
    AnswerWords Answers,
    CourtesyWords Courtesies,
    ImmutableSortedDictionary<Intent, IntentWords> Intents,
    ImmutableSortedDictionary<string, ImmutableArray<SlotValue>> Slots)
{
    private static readonly Lazy<IntentBook> Shipped = new(() =>
        IntentBookParser.Parse(ShippedText.Of("intents.yaml"), "contracts/intents.yaml").Shipped());

    /// <summary>The words that this release ships.</summary>
    public static IntentBook BuiltIn => Shipped.Value;

    /// <summary>Whether a value is of a slot's closed list; true where it has none.</summary>
    public bool Knows(string slot, string value) =>
        !Slots.TryGetValue(slot, out var values) || values.Any(v => v.Value == value);
}

/// <summary>The words of one intent, of each language.</summary>
/// <param name="Verbs">What is to be done.</param>
/// <param name="Light">Verbs that say little alone: make, do.</param>
/// <param name="Wants">What somebody says who wishes for a thing.</param>
/// <param name="Nouns">What it is about; they only strengthen.</param>
public sealed record IntentWords(
    ImmutableArray<SpokenPhrase> Verbs,
    ImmutableArray<SpokenPhrase> Light,
    ImmutableArray<SpokenPhrase> Wants,
    ImmutableArray<SpokenPhrase> Phrases,
    ImmutableArray<WordPattern> Nouns);

/// <param name="Language">In which it is said.</param>
public sealed record SpokenPhrase(PhrasePattern Words, string Language);

public sealed record SlotValue(string Value, ImmutableHashSet<string> Words);

/// <summary>Words of answers to what was asked.</summary>
/// <param name="Negation">Behind one a yes is a no.</param>
/// <param name="Stoppable">What a stop may name.</param>
/// <param name="Assent">A yes to what was offered just before, and else nothing.</param>
public sealed record AnswerWords(
    ImmutableArray<WordPattern> Yes,
    ImmutableArray<WordPattern> No,
    ImmutableArray<WordPattern> Stop,
    ImmutableArray<WordPattern> Negation,
    ImmutableArray<WordPattern> Stoppable,
    ImmutableArray<WordPattern> Assent,
    ImmutableArray<WordPattern> Filler,
    ImmutableArray<string> Hints);

/// <summary>What people say who wish nothing yet.</summary>
/// <param name="Said">By kind.</param>
/// <param name="Filler">What may stand beside them.</param>
public sealed record CourtesyWords(
    ImmutableSortedDictionary<Courtesy, ImmutableArray<PhrasePattern>> Said,
    ImmutableArray<PhrasePattern> Filler);
