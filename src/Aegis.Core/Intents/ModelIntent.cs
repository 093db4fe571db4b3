using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Intents;

/// <summary>
/// A model's word on a sentence, bound strictly. Whatever a sentence talks a model into, what comes out is an
/// intent of the closed list, and slots whose values are parts of the sentence or of a closed list; anything
/// else is no answer at all.
/// </summary>
public static class ModelIntent
{
    /// <summary>Bytes of a model's answer.</summary>
    public const int BytesMax = 8 * 1024;

    private static readonly JsonDocumentOptions Strict = new()
    {
        AllowDuplicateProperties = false, MaxDepth = 4,
    };

    private static readonly string[] SlotNames =
    [
        SlotName.Objective, SlotName.Repository, SlotName.Run, SlotName.Target, SlotName.Command,
        SlotName.TaskType, SlotName.Language, SlotName.Subject,
    ];

    /// <summary>The schema that providers hold the answer to; <see cref="Bind"/> holds it to more.</summary>
    public static JsonElement Schema { get; } = JsonElement.Parse("""
        {"type":"object","additionalProperties":false,"required":["intent","slots","confidence"],
        "properties":{"intent":{"enum":[INTENTS]},"confidence":{"type":"number","minimum":0,"maximum":1},
        "slots":{"type":"object","additionalProperties":false,"properties":{SLOTS}}}}
        """.Replace("INTENTS", Quoted(IntentWord.All.Split(' ')[..^1], ""), StringComparison.Ordinal)
            .Replace("SLOTS", Quoted(SlotNames, ":{\"type\":\"string\"}"), StringComparison.Ordinal));

    /// <summary>Null where the answer is not of the form.</summary>
    /// <param name="rules">What the words alone say of the same sentence.</param>
    public static DetectedIntent? Bind(
        IntentBook book, string answer, string sentence, DetectedIntent rules)
    {
        if (answer.Length > BytesMax || Parse(answer) is not { } root
            || root.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal)
                .SequenceEqual(["confidence", "intent", "slots"], StringComparer.Ordinal) is false
            || root.GetProperty("intent") is not { ValueKind: JsonValueKind.String } word
            || IntentWord.Find(word.GetString()) is not { } intent || intent == Intent.Answer
            || root.GetProperty("confidence") is not { ValueKind: JsonValueKind.Number } number
            || !number.TryGetDouble(out var confidence) || confidence is not (>= 0 and <= 1)
            || Slots(book, root.GetProperty("slots"), FoldedText.Of(sentence).Plain) is not { } slots)
        {
            return null;
        }
        return new DetectedIntent(intent, slots, confidence, rules.Language, DetectedIntent.Model)
        {
            TellsLanguage = rules.TellsLanguage,
        };
    }

    private static string Quoted(IEnumerable<string> words, string behind) =>
        string.Join(',', words.Select(w => $"\"{w}\"{behind}"));

    private static JsonElement? Parse(string answer)
    {
        try
        {
            return JsonElement.Parse(answer, Strict) is { ValueKind: JsonValueKind.Object } root
                ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ImmutableSortedDictionary<string, string>? Slots(
        IntentBook book, JsonElement given, string sentence)
    {
        if (given.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        var slots = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var member in given.EnumerateObject())
        {
            if (!SlotNames.Contains(member.Name) || member.Value.ValueKind != JsonValueKind.String
                || member.Value.GetString() is not { Length: > 0 and <= SlotName.ValueCharsMax } value
                || !Holds(book, member.Name, value, sentence))
            {
                return null;
            }
            slots[member.Name] = value;
        }
        return slots.ToImmutable();
    }

    private static bool Holds(IntentBook book, string slot, string value, string sentence) =>
        book.Slots.ContainsKey(slot)
            ? book.Knows(slot, value)
            : (slot is not (SlotName.Repository or SlotName.Run) || IdRule.IsValid(value))
                && sentence.Contains(FoldedText.Of(value).Plain, StringComparison.Ordinal);
}
