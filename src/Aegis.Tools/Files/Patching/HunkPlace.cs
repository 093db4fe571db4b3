using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Tools.Files.Patching;

/// <summary>Finds where a hunk belongs. The stated line wins where it matches exactly; elsewhere a place
/// counts only if it is the only one: first exactly, then with the spaces at line ends left out.</summary>
internal static class HunkPlace
{
    /// <summary>The index of the hunk's first old line in <paramref name="lines"/>, at or after
    /// <paramref name="from"/>.</summary>
    public static int? Find(
        string path, List<string> lines, Hunk hunk, int from, int drift, out AegisError? error)
    {
        error = null;
        var old = hunk.Old;
        var stated = hunk.Line is { } line ? line - 1 + drift : -1;
        if (old.IsEmpty)
        {
            return stated >= from && stated <= lines.Count ? stated : Missing(path, lines, hunk, out error);
        }
        if (stated >= from && MatchesAt(lines, old, stated, exact: true))
        {
            return stated;
        }
        foreach (var exact in (ReadOnlySpan<bool>)[true, false])
        {
            var (first, count, second) = Places(lines, old, from, exact);
            if (count == 1)
            {
                return first;
            }
            if (count > 1)
            {
                error = new AegisError("AEGIS2122", $"a change of {path} fits {count} places",
                    "one place", $"lines {first + 1} and {second + 1}{(count > 2 ? " and more" : "")}",
                    "add lines around the change until it fits one place only");
                return null;
            }
        }
        return Missing(path, lines, hunk, out error);
    }

    private static (int First, int Count, int Second) Places(
        List<string> lines, ImmutableArray<string> old, int from,
        bool exact)
    {
        var (first, count, second) = (-1, 0, -1);
        for (var i = from; i + old.Length <= lines.Count; i++)
        {
            if (MatchesAt(lines, old, i, exact))
            {
                count++;
                (first, second) = count == 1 ? (i, second) : (first, count == 2 ? i : second);
            }
        }
        return (first, count, second);
    }

    private static bool MatchesAt(List<string> lines, ImmutableArray<string> old, int at, bool exact)
    {
        if (at + old.Length > lines.Count)
        {
            return false;
        }
        for (var i = 0; i < old.Length; i++)
        {
            var same = exact
                ? lines[at + i] == old[i]
                : lines[at + i].AsSpan().TrimEnd().SequenceEqual(old[i].AsSpan().TrimEnd());
            if (!same)
            {
                return false;
            }
        }
        return true;
    }

    private static int? Missing(string path, List<string> lines, Hunk hunk, out AegisError? error)
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
