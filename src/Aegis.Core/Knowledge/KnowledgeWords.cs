using System.Collections.Frozen;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;
using Aegis.Core.Intents;
using Aegis.Core.Profiles;

namespace Aegis.Core.Knowledge;

// The problem: a founder says "subir archivos" and the article says "file upload". Stemmers and translation
// were rejected: they guess, and a wrong guess cannot be seen. The way it works: words lose accents and
// plurals, and a table (contracts/knowledge/words.yaml) turns what people say into the words of the
// articles. The same is done to articles and queries.

/// <summary>Turns a text into the words that are compared.</summary>
internal static class KnowledgeWords
{
    private const int TableCharsMax = 64 * 1024;

    private static readonly Table Shipped = ReadTable();

    /// <summary>How many words the table knows.</summary>
    internal static int Known => Shipped.Words.Count;

    public static IEnumerable<string> Of(string text)
    {
        var folded = FoldedText.Fold(text);
        var from = 0;
        for (var i = 0; i <= folded.Length; i++)
        {
            if (i < folded.Length && IsWord(folded[i]))
            {
                continue;
            }
            if (i - from > 1 && Word(folded[from..i]) is { } word)
            {
                yield return word;
            }
            from = i + 1;
        }
    }

    private static string? Word(string written)
    {
        var word = Singular(written);
        return Shipped.Stop.Contains(written) || Shipped.Stop.Contains(word) ? null
            : Shipped.Words.GetValueOrDefault(written) ?? Shipped.Words.GetValueOrDefault(word, word);
    }

    // c# and c++ are words; a full stop or a dash ends one
    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '#' or '+';

    // plurals of both languages, as far as they change nothing else
    private static string Singular(string word) => word.Length < 4 ? word
        : word.EndsWith("ies", StringComparison.Ordinal) ? word[..^3] + "y"
        : word.EndsWith("iones", StringComparison.Ordinal) || word.EndsWith("dores", StringComparison.Ordinal)
            || word.EndsWith("dades", StringComparison.Ordinal) ? word[..^2]
        : word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') ? word[..^1]
        : word;

    private static Table ReadTable()
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(
            ShippedText.Of("knowledge.words.yaml"), "words.yaml", TableCharsMax, errors);
        var fields = root is null ? null : YamlFields.Of(root, "words.yaml", errors, "stop", "words");
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (word, value) in fields?.Entries("words") ?? [])
        {
            foreach (var said in ((value as YamlList)?.Items ?? []).OfType<YamlScalar>()
                .SelectMany(s => new[] { s.Text, Singular(s.Text) }).Append(word).Distinct())
            {
                if (!words.TryAdd(said, word))
                {
                    YamlFields.Wrong(errors, value, $"words.{word}", $"{said} once in the table");
                }
            }
        }
        var stop = fields?.Items("stop").OfType<YamlScalar>().Select(s => s.Text) ?? [];
        return errors.Count == 0
            ? new(words.ToFrozenDictionary(StringComparer.Ordinal),
                stop.ToFrozenSet(StringComparer.Ordinal))
            : throw new InvariantViolationException(string.Join('\n', errors));
    }

    private sealed record Table(FrozenDictionary<string, string> Words, FrozenSet<string> Stop);
}
