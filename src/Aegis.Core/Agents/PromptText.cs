using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.Agents;

/// <summary>Instructions with their placeholders.</summary>
public static partial class PromptText
{
    public const int CharsMax = 32 * 1024;

    /// <summary>What a prompt may say, and who fills it in: the agent's role and speciality, the tools that
    /// it is offered, the JSON schema of its last reply.</summary>
    public static ImmutableArray<string> Placeholders { get; } =
        ["role", "speciality", "tools", "contract"];

    /// <summary>Without these two nobody could answer rightly.</summary>
    public static ImmutableArray<string> Required { get; } = ["tools", "contract"];

    public static IEnumerable<string> Unknown(string prompt) =>
        Names(prompt).Where(name => !Placeholders.Contains(name));

    public static IEnumerable<string> Missing(string prompt) => Required.Except(Names(prompt));

    public static string Fill(string prompt, IReadOnlyDictionary<string, string> values) =>
        Placeholder().Replace(prompt, m => values.GetValueOrDefault(m.Groups[1].Value, ""));

    private static IEnumerable<string> Names(string prompt) =>
        Placeholder().Matches(prompt).Select(m => m.Groups[1].Value).Distinct();

    [GeneratedRegex(@"\{\{([a-z_]+)\}\}", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Placeholder();
}
