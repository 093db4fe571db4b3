using System.Collections.Immutable;
using Aegis.Core.Discovery;

namespace Aegis.Core.Intents;

/// <summary>A sentence of which it is known what is meant.</summary>
/// <param name="Language"><c>es</c> or <c>en</c>.</param>
/// <param name="IsLater">It forbids or puts off what might be done; its intent is a question.</param>
public sealed record IntentExample(Intent Intent, string Language, string Text, bool IsLater = false)
{
    internal FoldedText Folded { get; } = FoldedText.Of(Text);
}

/// <summary>The sentences that this release ships: <c>contracts/intents/LANGUAGE/INTENT.txt</c>, one a line,
/// and <c>later.txt</c> beside them.</summary>
public static class IntentExamples
{
    private static readonly string[] Languages = ["en", "es"];

    public static ImmutableArray<IntentExample> Shipped { get; } =
    [
        .. from language in Languages
           from intent in Enum.GetValues<Intent>()
           where intent != Intent.Answer
           from text in Lines(language, IntentWord.Of(intent))
           select new IntentExample(intent, language, text),
        .. from language in Languages
           from text in Lines(language, "later")
           select new IntentExample(Intent.Question, language, text, IsLater: true),
    ];

    private static string[] Lines(string language, string name) =>
        ShippedText.Of($"intents/{language}/{name}.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
