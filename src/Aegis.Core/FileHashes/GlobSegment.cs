using System.Collections.Immutable;

namespace Aegis.Core.FileHashes;

/// <summary>One part of a pattern between slashes: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a]</c>, and a
/// backslash before what stands for itself. Matching goes back to the last star only, so it takes at most
/// name × pattern steps.</summary>
internal sealed class GlobSegment
{
    private readonly ImmutableArray<GlobAtom> atoms;

    private GlobSegment(ImmutableArray<GlobAtom> atoms, string? literal, bool isGlobstar)
    {
        this.atoms = atoms;
        Literal = literal;
        IsGlobstar = isGlobstar;
    }

    /// <summary>Exactly <c>**</c>: any number of folders.</summary>
    public bool IsGlobstar { get; }

    /// <summary>The one name to look for; null where it may match several.</summary>
    public string? Literal { get; }

    public static GlobSegment Parse(string text) =>
        new(GlobAtom.ParseAll(text), GlobLiteral.Of(text), text == "**");

    public static GlobSegment OfName(string name) =>
        new([.. name.Select(c => new GlobAtom(GlobAtomKind.Letter, c))], name, false);

    public bool Matches(string name)
    {
        var (at, atom, star, starAt) = (0, 0, -1, 0);
        while (at < name.Length)
        {
            if (atom < atoms.Length && atoms[atom].Kind == GlobAtomKind.Star)
            {
                (star, starAt) = (atom++, at);
            }
            else if (atom < atoms.Length && atoms[atom].Matches(name[at]))
            {
                atom++;
                at++;
            }
            else if (star >= 0)
            {
                (atom, at) = (star + 1, ++starAt);
            }
            else
            {
                return false;
            }
        }
        while (atom < atoms.Length && atoms[atom].Kind == GlobAtomKind.Star)
        {
            atom++;
        }
        return atom == atoms.Length;
    }
}
