using System.Security.Cryptography;
using System.Text;

namespace Aegis.Core.Runs.Models;

/// <summary>What calls to models are counted apart by, within a stream.</summary>
/// <param name="StepId">Of a run; <c>call</c> in a session.</param>
/// <param name="Day">In UTC.</param>
public sealed record ModelUsageKey(string StepId, string? Agent, string Asked, string TaskType,
    string Provider, string Model, string Origin, DateOnly Day)
{
    /// <summary>Callers choose some of these texts; the rest of a longer one is left out.</summary>
    public const int TextCharsMax = 200;

    /// <summary>Stands for what a caller named where a stream names too much.</summary>
    public const string Others = "(others)";

    public static ModelUsageKey Of(string stepId, ModelUse use, DateTimeOffset at) => new(stepId,
        use.Agent is null ? null : Kept(use.Agent), Kept(use.Asked), Kept(use.TaskType), Kept(use.Provider),
        Kept(use.Chosen ?? use.Model), Kept(use.Origin), DateOnly.FromDateTime(at.UtcDateTime));

    /// <summary>Without what a caller may name freely.</summary>
    public ModelUsageKey WithOthers() =>
        this with { Agent = Agent is null ? null : Others, Asked = Others, TaskType = Others };

    /// <summary>A short name of the whole key: its texts together are too long for an index.</summary>
    public string Digest()
    {
        var text = string.Join('\n', StepId, Agent is null ? "-" : "+" + Agent, Asked, TaskType, Provider,
            Model, Origin, Day.ToString("O"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    // no zero character, no line's end and no half of a surrogate pair: the first is nothing that
    // PostgreSQL stores, and the second parts the texts of a digest
    private static string Kept(string text)
    {
        if (text.Length <= TextCharsMax && !text.Any(c => char.IsSurrogate(c) || c < ' '))
        {
            return text;
        }
        var kept = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > TextCharsMax)
            {
                break;
            }
            kept.Append(rune.Value < ' ' ? "\uFFFD" : rune.ToString());
        }
        return kept.ToString();
    }
}
