namespace Aegis.Core.Policy;

/// <summary>Names tools: one by its name, or all below a name (<c>mcp.notion</c> covers
/// <c>mcp.notion.search</c>). A final <c>.*</c> says the same aloud; <c>*</c> alone covers every
/// tool.</summary>
public static class ToolPattern
{
    public const int LengthMax = 128;

    /// <summary>Whether it can be read: dotted names, <c>*</c> only as the last part.</summary>
    public static bool IsValid(string pattern) => pattern == "*"
        || (pattern.Length is > 0 and <= LengthMax && Bare(pattern).Split('.').All(IsPart));

    public static bool Covers(string pattern, string tool)
    {
        if (pattern == "*")
        {
            return true;
        }
        var bare = Bare(pattern);
        return tool.StartsWith(bare, StringComparison.Ordinal)
            && (tool.Length == bare.Length || tool[bare.Length] == '.');
    }

    private static string Bare(string pattern) =>
        pattern.EndsWith(".*", StringComparison.Ordinal) ? pattern[..^2] : pattern;

    private static bool IsPart(string part) =>
        part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
