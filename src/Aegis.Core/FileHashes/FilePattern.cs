using System.Collections.Immutable;

namespace Aegis.Core.FileHashes;

/// <summary>One pattern, as segments from the root of all paths. It also takes what lies below a folder that
/// it names.</summary>
/// <param name="IsExclusion">Written with <c>!</c>.</param>
/// <param name="FoldersOnly">Written with a slash at its end: a file of that name is not meant.</param>
internal sealed record FilePattern(bool IsExclusion, bool FoldersOnly, ImmutableArray<GlobSegment> Segments)
{
    /// <summary>The names before the first wildcard.</summary>
    public ImmutableArray<string> SearchPath { get; } =
        [.. Segments.TakeWhile(s => s.Literal is not null).Select(s => s.Literal!)];

    public bool Matches(ReadOnlySpan<string> path)
    {
        var (at, segment, star, starAt) = (0, 0, -1, 0);
        while (at < path.Length)
        {
            if (segment == Segments.Length)
            {
                // the rest of the path lies below what the pattern names
                return true;
            }
            if (Segments[segment].IsGlobstar)
            {
                (star, starAt) = (segment++, at);
            }
            else if (Segments[segment].Matches(path[at]))
            {
                segment++;
                at++;
            }
            else if (star >= 0)
            {
                (segment, at) = (star + 1, ++starAt);
            }
            else
            {
                return false;
            }
        }
        return EndsHere(segment);
    }

    /// <summary>Whether something in that folder, or below it, may match.</summary>
    public bool MayMatchBelow(ReadOnlySpan<string> folder)
    {
        for (var i = 0; i < folder.Length; i++)
        {
            if (i == Segments.Length || Segments[i].IsGlobstar)
            {
                return true;
            }
            if (!Segments[i].Matches(folder[i]))
            {
                return false;
            }
        }
        return true;
    }

    private bool EndsHere(int segment)
    {
        while (segment < Segments.Length && Segments[segment].IsGlobstar)
        {
            segment++;
        }
        return segment == Segments.Length && !FoldersOnly;
    }
}
