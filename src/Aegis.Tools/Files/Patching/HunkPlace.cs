using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Tools.Files.Patching;

/// <summary>Finds where a hunk belongs. The stated line wins where it matches exactly; elsewhere a place
/// counts only if it is the only one by the strictest rule that finds any.</summary>
internal static class HunkPlace
{
    /// <summary>Where the hunk's old lines stand in <paramref name="lines"/>, at or after
    /// <paramref name="from"/>.</summary>
    public static HunkFit? Find(
        string path, List<string> lines, Hunk hunk, int from, int drift, out AegisError? error)
    {
        error = null;
        var old = hunk.Old;
        var stated = hunk.Line is { } line ? line - 1 + drift : -1;
        if (old.IsEmpty)
        {
            return stated >= from && stated <= lines.Count ? new HunkFit(stated, HunkMatch.Exact)
                : Missing(path, lines, hunk, out error);
        }
        if (stated >= from && stated + old.Length <= lines.Count
            && HunkRules.Exact(lines, old, stated) is { } there)
        {
            return there;
        }
        foreach (var rule in HunkRules.All)
        {
            var (first, count, second) = Places(lines, hunk, from, rule);
            if (count == 1)
            {
                return first;
            }
            if (count > 1)
            {
                error = Ambiguous(path, count, first.At, second);
                return null;
            }
        }
        return Missing(path, lines, hunk, out error);
    }

    public static AegisError Ambiguous(string path, int count, int first, int second) => new("AEGIS2122",
        $"a change of {path} fits {count} places",
        "one place", $"lines {first + 1} and {second + 1}{(count > 2 ? " and more" : "")}",
        "add lines around the change until it fits one place only");

    private static (HunkFit First, int Count, int Second) Places(
        List<string> lines, Hunk hunk, int from, HunkRules.Rule rule)
    {
        var (first, count, second) = (default(HunkFit), 0, -1);
        for (var i = from; i + hunk.Old.Length <= lines.Count; i++)
        {
            if (rule(lines, hunk.Old, i) is { } fit && TakesNewLines(hunk.Parts, fit))
            {
                count++;
                (first, second) = count == 1 ? (fit, second) : (first, count == 2 ? i : second);
            }
        }
        return (first, count, second);
    }

    private static bool TakesNewLines(ImmutableArray<HunkLine> parts, HunkFit fit) =>
        fit.Shallower.Length == 0
        || parts.All(p => p.Kind != HunkLineKind.Added || fit.Indented(p.Text) is not null);

    private static HunkFit? Missing(string path, List<string> lines, Hunk hunk, out AegisError? error)
    {
        var asked = hunk.Line is { } line ? $" (stated at line {line})" : "";
        error = new AegisError("AEGIS2121", $"a change of {path} does not fit the file{asked}",
            hunk.Old.IsEmpty ? $"a file of at least {hunk.Line - 1 ?? 1} lines"
                : NearestLines.Show(hunk.Old[0]),
            NearestLines.Describe(lines, hunk.Old),
                "read the file again and make the patch from what it holds now");
        return null;
    }
}
