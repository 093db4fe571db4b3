using System.Collections.Immutable;
using Aegis.Core.Discovery;

namespace Aegis.Core.Intents;

/// <summary>A sentence of which it is known what is meant.</summary>
/// <param name="Language"><c>es</c> or <c>en</c>.</param>
public sealed record IntentExample(Intent Intent, string Language, string Text);

/// <summary>The sentences that this release ships: <c>contracts/intents/LANGUAGE/INTENT.txt</c>, one a
/// line.</summary>
public static class IntentExamples
{
    private static readonly string[] Languages = ["en", "es"];

    public static ImmutableArray<IntentExample> Shipped { get; } =
    [
        .. from intent in Enum.GetValues<Intent>()
           where intent != Intent.Answer
           from language in Languages
           from line in ShippedText.Of($"intents/{language}/{IntentWord.Of(intent)}.txt").Split('\n')
           where line.Length > 0
           select new IntentExample(intent, language, line),
    ];
}
