using System.Collections.Immutable;
using System.Text;

namespace Aegis.Core.FileHashes;

/// <summary>One part of a pattern between slashes: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a]</c>, and a
/// backslash before what stands for itself. Matching goes back to the last star only, so it takes at most
/// name × pattern steps.</summary>
internal sealed class GlobSegment
{
    private readonly ImmutableArray<GlobAtom> atoms;

    private GlobSegment(ImmutableArray<GlobAtom> atoms, bool isGlobstar)
    {
        this.atoms = atoms;
        IsGlobstar = isGlobstar;
        Literal = LiteralOf(atoms);
    }

    /// <summary>Exactly <c>**</c>: any number of folders.</summary>
    public bool IsGlobstar { get; }

    /// <summary>The one name that it matches; null where it matches several.</summary>
    public string? Literal { get; }

    public static GlobSegment Parse(string text) => new(GlobAtom.ParseAll(text), text == "**");

    public static GlobSegment OfName(string name) =>
        new([.. name.Select(c => new GlobAtom(GlobAtomKind.Letter, c))], false);

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

    private static string? LiteralOf(ImmutableArray<GlobAtom> atoms)
    {
        var name = new StringBuilder();
        foreach (var atom in atoms)
        {
            if (atom.Kind != GlobAtomKind.Letter)
            {
                return null;
            }
            name.Append(atom.Letter);
        }
        return name.ToString();
    }
}
