using System.Collections.Immutable;

namespace Aegis.Core.FileHashes;

internal enum GlobAtomKind
{
    Letter,
    Any,
    Star,
    Set,

    /// <summary>A set without members, such as <c>[z-a]</c>.</summary>
    Nothing,
}

/// <summary>What one place of a <see cref="GlobSegment"/> may be.</summary>
internal readonly record struct GlobAtom(GlobAtomKind Kind, char Letter = '\0', bool IsNegated = false,
    ImmutableArray<(char From, char To)> Ranges = default)
{
    public bool Matches(char c)
    {
        switch (Kind)
        {
            case GlobAtomKind.Letter:
                return c == Letter;
            case GlobAtomKind.Any:
                return true;
            case GlobAtomKind.Set:
                foreach (var (from, to) in Ranges)
                {
                    if (c >= from && c <= to)
                    {
                        return !IsNegated;
                    }
                }
                return IsNegated;
            default:
                return false;
        }
    }

    public static ImmutableArray<GlobAtom> ParseAll(string text)
    {
        var atoms = ImmutableArray.CreateBuilder<GlobAtom>();
        var at = 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (c == '\\' && at + 1 < text.Length)
            {
                atoms.Add(new GlobAtom(GlobAtomKind.Letter, text[at + 1]));
                at += 2;
            }
            else if (c == '[' && GlobSet.TryRead(text, ref at, out var set))
            {
                atoms.Add(set);
            }
            else
            {
                atoms.Add(new GlobAtom(
                    c == '*' ? GlobAtomKind.Star : c == '?' ? GlobAtomKind.Any : GlobAtomKind.Letter, c));
                at++;
            }
        }
        return atoms.ToImmutable();
    }
}
