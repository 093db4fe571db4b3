using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Intents;

/// <summary>Reads <c>intents.yaml</c>: every error at once, with its line and column.</summary>
public static class IntentBookParser
{
    public const int CharsMax = 128 * 1024;

    /// <summary>Characters of one word or phrase.</summary>
    public const int PhraseCharsMax = 80;

    private const string Where = "the words";

    private static readonly string[] Parts =
    [
        "languages", "polite", "asks", "negations", "hostile", "courtesies", "answers", "commands", "slots",
    ];

    public static ParseResult<IntentBook> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        var book = root is not null && YamlFields.Of(root, Where, errors, Parts) is { } fields
            ? Read(fields, errors) : null;
        return errors.Count == 0 && book is not null ? new(book, [])
            : new(null, [.. errors.OrderBy(e => e.At.Line).ThenBy(e => e.At.Column)]);
    }

    private static IntentBook? Read(YamlFields fields, List<Diagnostic> errors)
    {
        fields.Need(Parts);
        if (errors.Count > 0
            || YamlFields.Of(fields.Value("hostile")!, "hostile", errors, "phrases", "marks")
                is not { } hostile
            || YamlFields.Of(fields.Value("answers")!, "answers", errors, "yes", "consent", "no", "stop",
                "negation", "stoppable", "assent", "filler", "hint") is not { } answers
            || YamlFields.Of(fields.Value("courtesies")!, "courtesies", errors,
                [.. Enum.GetNames<Courtesy>().Select(c => c.ToLowerInvariant()), "filler"])
                is not { } courtesies)
        {
            return null;
        }
        return new IntentBook(
            fields.Entries("languages").ToImmutableSortedDictionary(e => e.Name,
                e => Texts(e.Value, errors).ToImmutableHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal),
            Phrases(fields, "polite", errors), Phrases(fields, "asks", errors),
            Phrases(fields, "negations", errors), Phrases(hostile, "phrases", errors),
            [.. Texts(hostile, "marks", errors)],
            new AnswerWords(Phrases(answers, "yes", errors), Phrases(answers, "consent", errors),
                Phrases(answers, "no", errors), Phrases(answers, "stop", errors),
                Phrases(answers, "negation", errors), Phrases(answers, "stoppable", errors),
                Phrases(answers, "assent", errors), Phrases(answers, "filler", errors),
                [.. Texts(answers, "hint", errors)]),
            new CourtesyWords(Enum.GetValues<Courtesy>().ToImmutableSortedDictionary(
                c => c, c => Phrases(courtesies, c.ToString().ToLowerInvariant(), errors)),
                Phrases(courtesies, "filler", errors)),
            [.. Texts(fields, "commands", errors).Select(WordPattern.Of)], Slots(fields, errors));
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<SlotValue>> Slots(
        YamlFields fields, List<Diagnostic> errors) =>
        fields.Entries("slots").ToImmutableSortedDictionary(s => s.Name, s => s.Value is YamlMap values
            ? values.Entries.Select(e => new SlotValue(e.Key.Text,
                Texts(e.Value, errors).ToImmutableHashSet(StringComparer.Ordinal))).ToImmutableArray()
            : [], StringComparer.Ordinal);

    private static ImmutableArray<PhrasePattern> Phrases(
        YamlFields fields, string name, List<Diagnostic> errors) =>
        [.. Texts(fields, name, errors).Select(PhrasePattern.Of)];

    private static IEnumerable<string> Texts(YamlFields fields, string name, List<Diagnostic> errors) =>
        fields.Items(name).Select(v => Text(v, errors));

    private static IEnumerable<string> Texts(YamlValue value, List<Diagnostic> errors)
    {
        if (value is YamlList list)
        {
            return list.Items.Select(v => Text(v, errors));
        }
        YamlFields.Wrong(errors, value, Where, "a list of words");
        return [];
    }

    private static string Text(YamlValue value, List<Diagnostic> errors)
    {
        if (value is YamlScalar { Text: { Length: > 0 and <= PhraseCharsMax } text }
            && FoldedText.Fold(text) == text)
        {
            return text;
        }
        YamlFields.Wrong(errors, value, Where, "a word or phrase in small letters without accents");
        return "?";
    }
}
