using System.Collections.Immutable;
using System.Text;

namespace Aegis.Core.Rehearsals;

/// <summary>What a turn answers.</summary>
public enum RehearsedPath
{
    Chat,
    Embeddings,
    Transcriptions,
}

/// <summary>One rehearsed answer: for a role's n-th turn, and for a prompt that holds or equals a text; in
/// strict mode for one request.</summary>
/// <param name="Contains">Of the newest message of the user.</param>
/// <param name="Request">Null where the turn was written without one.</param>
/// <param name="CostUsd">Counted as if it had been paid.</param>
public sealed record RehearsedTurn(string Role, int Turn, string? Contains, string? Equal,
    RehearsedRequest? Request, RehearsedAnswer Answer, decimal CostUsd)
{
    public RehearsedPath Path { get; init; }

    /// <summary>What goes wrong with this turn alone.</summary>
    public ImmutableArray<RehearsedFault> Faults { get; init; } = [];

    /// <summary>The text that a prompt is held against; null where any will do.</summary>
    public string? Wanted => Equal ?? Contains ?? Request?.Prompt;

    /// <summary>Prompts are compared with runs of white space as one space, trimmed.</summary>
    public bool Matches(string prompt)
    {
        var normal = Normalise(prompt);
        if (Contains is null && Equal is null)
        {
            return Request is null || normal == Normalise(Request.Prompt);
        }
        return (Contains is null || normal.Contains(Normalise(Contains), StringComparison.Ordinal))
            && (Equal is null || normal == Normalise(Equal));
    }

    public static string Normalise(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c))
            {
                result.Append(c);
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }
        return result.ToString().TrimEnd(' ');
    }
}
