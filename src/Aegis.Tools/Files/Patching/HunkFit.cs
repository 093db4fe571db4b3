using System.Collections.Immutable;

namespace Aegis.Tools.Files.Patching;

/// <summary>How a hunk's old lines were found in the file.</summary>
public enum HunkMatch
{
    Exact,

    /// <summary>But for spaces at line ends, or for the number of spaces between words.</summary>
    Whitespace,

    /// <summary>But for the same piece of indentation before every line.</summary>
    Indentation,
}

/// <summary>Where a hunk stands, and what its new lines need to look like the file.</summary>
/// <param name="At">The index of its first old line.</param>
/// <param name="Deeper">What the file has before every line and the hunk has not.</param>
/// <param name="Shallower">What the hunk has before every line and the file has not.</param>
internal readonly record struct HunkFit(int At, HunkMatch Match, string Deeper = "", string Shallower = "")
{
    /// <summary>A new line as it belongs into the file; null where the hunk's indentation cannot be taken
    /// from it.</summary>
    public string? Indented(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || (Deeper.Length == 0 && Shallower.Length == 0))
        {
            return line;
        }
        return !line.StartsWith(Shallower, StringComparison.Ordinal) ? null
            : Deeper + line[Shallower.Length..];
    }
}

/// <summary>The ways in which lines may be held to be the same, the strictest first.</summary>
internal static class HunkRules
{
    public delegate HunkFit? Rule(List<string> lines, ImmutableArray<string> old, int at);

    /// <summary>Each is asked for the whole file before the next one is.</summary>
    public static ImmutableArray<Rule> All { get; } = [Exact, LineEnds, Indented, Spaced];

    public static HunkFit? Exact(List<string> lines, ImmutableArray<string> old, int at)
    {
        for (var i = 0; i < old.Length; i++)
        {
            if (lines[at + i] != old[i])
            {
                return null;
            }
        }
        return new HunkFit(at, HunkMatch.Exact);
    }

    private static HunkFit? LineEnds(List<string> lines, ImmutableArray<string> old, int at)
    {
        for (var i = 0; i < old.Length; i++)
        {
            if (!lines[at + i].AsSpan().TrimEnd().SequenceEqual(old[i].AsSpan().TrimEnd()))
            {
                return null;
            }
        }
        return new HunkFit(at, HunkMatch.Whitespace);
    }

    private static HunkFit? Indented(List<string> lines, ImmutableArray<string> old, int at)
    {
        string? deeper = null, shallower = null;
        for (var i = 0; i < old.Length; i++)
        {
            var there = lines[at + i].AsSpan().TrimEnd();
            var wanted = old[i].AsSpan().TrimEnd();
            if (!there.TrimStart().SequenceEqual(wanted.TrimStart()))
            {
                return null;
            }
            if (there.IsEmpty)
            {
                continue;
            }
            var ofFile = Indent(there);
            var ofHunk = Indent(wanted);
            if (deeper is null)
            {
                (deeper, shallower) = Difference(ofFile, ofHunk);
            }
            if (deeper is null || !ofFile.StartsWith(deeper, StringComparison.Ordinal)
                || !ofHunk.StartsWith(shallower!, StringComparison.Ordinal)
                || !ofFile[deeper.Length..].SequenceEqual(ofHunk[shallower!.Length..]))
            {
                return null;
            }
        }
        return deeper is null ? null : new HunkFit(at, HunkMatch.Indentation, deeper, shallower!);
    }

    // words and their order are the same, and so is what stands before them
    private static HunkFit? Spaced(List<string> lines, ImmutableArray<string> old, int at)
    {
        var words = false;
        for (var i = 0; i < old.Length; i++)
        {
            var there = lines[at + i].AsSpan().TrimEnd();
            var wanted = old[i].AsSpan().TrimEnd();
            if (!Indent(there).SequenceEqual(Indent(wanted)) || !SameWords(there, wanted))
            {
                return null;
            }
            words |= !there.IsEmpty;
        }
        return words ? new HunkFit(at, HunkMatch.Whitespace) : null;
    }

    private static (string? Deeper, string? Shallower) Difference(
        ReadOnlySpan<char> ofFile, ReadOnlySpan<char> ofHunk) =>
        ofFile.EndsWith(ofHunk, StringComparison.Ordinal) ? (ofFile[..^ofHunk.Length].ToString(), "")
        : ofHunk.EndsWith(ofFile, StringComparison.Ordinal) ? ("", ofHunk[..^ofFile.Length].ToString())
        : (null, null);

    private static ReadOnlySpan<char> Indent(ReadOnlySpan<char> line) =>
        line[..(line.Length - line.TrimStart().Length)];

    private static bool SameWords(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        while (true)
        {
            one = one.TrimStart();
            other = other.TrimStart();
            var (a, b) = (Word(one), Word(other));
            if (a == 0 || b == 0 || !one[..a].SequenceEqual(other[..b]))
            {
                return a == 0 && b == 0;
            }
            one = one[a..];
            other = other[b..];
        }
    }

    private static int Word(ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
        {
            end++;
        }
        return end;
    }
}
