using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>What a sentence wants; the list is closed.</summary>
public enum Intent
{
    Question,
    Status,
    Route,
    Build,
    Change,
    Deploy,
    Repair,
    Spawn,
    Scan,

    /// <summary>Yes, no, a hint or stop, to what was asked before.</summary>
    Answer,
}

public static class IntentWord
{
    /// <summary>As doors and events write them, between spaces.</summary>
    public const string All = "question status route build change deploy repair spawn scan answer";

    private static readonly FrozenDictionary<string, Intent> ByWord =
        Enum.GetValues<Intent>().ToFrozenDictionary(Of, i => i, StringComparer.Ordinal);

    public static string Of(Intent intent) => intent.ToString().ToLowerInvariant();

    public static Intent? Find(string? word) =>
        word is not null && ByWord.TryGetValue(word, out var intent) ? intent : null;

    /// <summary>Whether it changes something. A question, a look and an explained route change
    /// nothing.</summary>
    public static bool Acts(this Intent intent) =>
        intent is not (Intent.Question or Intent.Status or Intent.Route);
}

/// <summary>What was understood of a sentence.</summary>
/// <param name="Slots">By the names of <see cref="SlotName"/>.</param>
/// <param name="Confidence">From 0 to 1.</param>
/// <param name="Language"><c>es</c> or <c>en</c>.</param>
/// <param name="DetectedBy"><c>rules</c> or <c>model</c>.</param>
public sealed record DetectedIntent(Intent Intent, ImmutableSortedDictionary<string, string> Slots,
    double Confidence, string Language, string DetectedBy)
{
    public const string Rules = "rules";
    public const string Model = "model";

    /// <summary>The sentence gives orders to the machine instead of saying a wish: it never acts.</summary>
    public bool IsHostile { get; init; }

    /// <summary>The sentence has a word of its language: of emoji, code or a yes, it is a guess.</summary>
    public bool TellsLanguage { get; init; } = true;

    /// <summary>Of a question that needs no model; null for none.</summary>
    public Courtesy? Courtesy { get; init; }

    public string? Slot(string name) => Slots.GetValueOrDefault(name);
}

/// <summary>Said by somebody who wishes nothing yet; the first that a sentence holds counts.</summary>
public enum Courtesy
{
    Help,

    /// <summary>Puts an answer or an act off, or forbids it.</summary>
    Later,
    Thanks,
    Goodbye,
    Greeting,
}

public static class SlotName
{
    public const string Objective = "objective";
    public const string Repository = "repository";
    public const string Run = "run_id";
    public const string Target = "target";
    public const string Command = "command";
    public const string TaskType = "task_type";
    public const string Language = "language";
    public const string Subject = "subject";
    public const string Answer = "answer";
    public const string Hint = "hint";

    /// <summary>Characters of the longest value.</summary>
    public const int ValueCharsMax = 2_000;
}
