using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.Intents;

/// <summary>Finds what a sentence says beside its intent. A value is a part of the sentence, or one of a
/// closed list.</summary>
internal static partial class SlotReader
{
    private const int ProgramWordsMax = 64;

    public static ImmutableSortedDictionary<string, string> Read(
        IntentBook book, Intent intent, FoldedText folded, string raw)
    {
        var slots = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (intent is Intent.Build or Intent.Change or Intent.Repair or Intent.Deploy)
        {
            slots[SlotName.Objective] = Cut(raw.Trim());
        }
        Add(slots, SlotName.Run, RunId().Match(raw) is { Success: true } run ? run.Value : null);
        Add(slots, SlotName.Repository, RepositoryOf(raw));
        if (intent == Intent.Spawn)
        {
            Add(slots, SlotName.Command, CommandOf(book, raw));
        }
        foreach (var (slot, values) in book.Slots.Where(s => Belongs(s.Key, intent)))
        {
            Add(slots, slot, values.FirstOrDefault(v => folded.Words.Any(v.Words.Contains))?.Value);
        }
        return slots.ToImmutable();
    }

    public static bool IsRunId(string word) =>
        RunId().Match(word) is { Success: true } found && found.Length == word.Length;

    public static string Cut(string text) =>
        text.Length <= SlotName.ValueCharsMax ? text : text[..SlotName.ValueCharsMax];

    private static bool Belongs(string slot, Intent intent) => slot switch
    {
        SlotName.Target => intent == Intent.Deploy,
        SlotName.TaskType => intent == Intent.Route,
        SlotName.Subject => intent == Intent.Scan,
        SlotName.Language => intent is Intent.Build or Intent.Change or Intent.Repair,
        _ => false,
    };

    private static void Add(ImmutableSortedDictionary<string, string>.Builder slots, string name,
        string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            slots[name] = Cut(value);
        }
    }

    private static string? RepositoryOf(string raw)
    {
        foreach (Match found in Repository().Matches(raw))
        {
            var name = found.Groups["name"].Value.TrimEnd('.', '-', '_');
            if (IdRule.IsValid(name) && !Filler().IsMatch(name))
            {
                return name;
            }
        }
        return null;
    }

    /// <summary>What stands in backticks or quotes, else what follows the verb.</summary>
    private static string? CommandOf(IntentBook book, string raw)
    {
        if (Quoted().Match(raw) is { Success: true } quoted)
        {
            return quoted.Groups["text"].Value.Trim();
        }
        var words = raw.Trim().Split((char[]?)null, ProgramWordsMax, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length - 1; i++)
        {
            var word = FoldedText.Fold(words[i]).Trim('¿', '¡', ',');
            if (book.Commands.Any(c => c.Matches(word)))
            {
                var rest = string.Join(' ', words[(i + 1)..]);
                return Leading().Replace(rest, "").TrimEnd('.', '!', '?').Trim();
            }
        }
        return null;
    }

    [GeneratedRegex(@"\brun_[0-9a-z]{6,40}\b", RegexOptions.CultureInvariant)]
    private static partial Regex RunId();

    [GeneratedRegex(@"\b(?:(?:repo|repository|repositorio)\s+(?:(?:called|named|llamado|de|del|:)\s*)?"
        + @"|(?:project|proyecto)\s+(?:called|named|llamado)\s+)"
        + @"[""'`]?(?<name>[A-Za-z0-9][A-Za-z0-9._-]{0,63})",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Repository();

    [GeneratedRegex("^(and|y|to|para|with|con|de|del|in|en|the|el|la|que|is|es|esta|por"
        + "|for|from|of|now|ahora|please|desde)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Filler();

    [GeneratedRegex("[`\"“](?<text>[^`\"”]{1,2000})[`\"”]")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^((the|a|el|un|la|una)\s+)?(command|script|comando|process|proceso)\s*:?\s+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Leading();
}
