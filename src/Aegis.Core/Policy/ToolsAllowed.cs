using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>A profile's <c>tools_allowed</c>. A profile that does not have it allows every tool; an empty
/// list none.</summary>
public static class ToolsAllowed
{
    private const int ShownMax = 8;

    /// <summary>The entry that covers a tool; null where none does, or where there is no list.</summary>
    public static string? Entry(ImmutableArray<string> allowed, string tool)
    {
        if (!allowed.IsDefault)
        {
            foreach (var pattern in allowed)
            {
                if (ToolPattern.Covers(pattern, tool))
                {
                    return pattern;
                }
            }
        }
        return null;
    }

    /// <summary>AEGIS2502 where the list does not have the tool.</summary>
    public static AegisError? Refusal(ImmutableArray<string> allowed, string tool) =>
        allowed.IsDefault || Entry(allowed, tool) is not null ? null
            : new AegisError("AEGIS2502", $"the profile does not allow {tool}", Shown(allowed), tool,
                "add it to policies.tools_allowed of the profile, if it shall be called");

    private static string Shown(ImmutableArray<string> allowed) => allowed.IsEmpty ? "no tool at all"
        : string.Join(", ", allowed.Take(ShownMax)) + (allowed.Length > ShownMax ? ", …" : "");
}
