namespace Aegis.Core.Policy;

/// <summary>Tells paths that every server reads alike from those with segments that some take away:
/// <c>.</c>, <c>..</c>, empty ones, and the same by an escape or a backslash.</summary>
internal static class PlainPath
{
    public static bool Is(string path) => path.StartsWith('/')
        && !path.Contains('\\', StringComparison.Ordinal)
        && !path.Contains(';', StringComparison.Ordinal)
        && !path.Contains("//", StringComparison.Ordinal)
        && !path.Contains("%2f", StringComparison.OrdinalIgnoreCase)
        && !path.Contains("%5c", StringComparison.OrdinalIgnoreCase)
        && !path.Contains("%25", StringComparison.Ordinal)
        && !path.Contains("%00", StringComparison.Ordinal)
        && !path.Split('/').Any(IsDots);

    private static bool IsDots(string segment) =>
        segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..";
}
