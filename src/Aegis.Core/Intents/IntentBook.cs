using System.Collections.Immutable;
using Aegis.Core.Discovery;

namespace Aegis.Core.Intents;

/// <summary>The words by which sentences are understood: <c>contracts/intents.yaml</c>.</summary>
/// <param name="Markers">By language, words that tell it.</param>
/// <param name="Polite">What a sentence begins with and says nothing of the wish.</param>
/// <param name="Asks">What a question begins with.</param>
/// <param name="HostileMarks">Parts of the raw text.</param>
/// <param name="Commands">What a program stands behind.</param>
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
    ImmutableArray<WordPattern> Commands,
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

public sealed record SlotValue(string Value, ImmutableHashSet<string> Words);

/// <summary>Words and phrases of answers to what was asked.</summary>
/// <param name="Consent">A yes that may name what it lets go on.</param>
/// <param name="Negation">Behind one a yes is a no.</param>
/// <param name="Stoppable">What a stop or a consent may name.</param>
/// <param name="Assent">A yes to what was offered just before, and else nothing.</param>
public sealed record AnswerWords(
    ImmutableArray<PhrasePattern> Yes,
    ImmutableArray<PhrasePattern> Consent,
    ImmutableArray<PhrasePattern> No,
    ImmutableArray<PhrasePattern> Stop,
    ImmutableArray<PhrasePattern> Negation,
    ImmutableArray<PhrasePattern> Stoppable,
    ImmutableArray<PhrasePattern> Assent,
    ImmutableArray<PhrasePattern> Filler,
    ImmutableArray<string> Hints);

/// <summary>What people say who wish nothing yet.</summary>
/// <param name="Said">By kind.</param>
/// <param name="Filler">What may stand beside them.</param>
public sealed record CourtesyWords(
    ImmutableSortedDictionary<Courtesy, ImmutableArray<PhrasePattern>> Said,
    ImmutableArray<PhrasePattern> Filler);
