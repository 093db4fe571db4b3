using System.Collections.Immutable;

namespace Aegis.Core.FileHashes;

/// <summary>Reads <c>[abc]</c>, <c>[a-z]</c>, <c>[!a]</c> and <c>[^a]</c>; <c>]</c> in the first place stands
/// for itself. A range the wrong way round is passed over.</summary>
internal static class GlobSet
{
    /// <summary>False where no <c>]</c> closes it: then the bracket is a letter, and the place
    /// stays.</summary>
    public static bool TryRead(string text, ref int at, out GlobAtom atom)
    {
        atom = default;
        var i = at + 1;
        var isNegated = i < text.Length && text[i] is '!' or '^';
        i += isNegated ? 1 : 0;
        var members = new List<(char From, char To)>();
        for (var isFirst = true; i < text.Length && (isFirst || text[i] != ']'); isFirst = false)
        {
            var from = ReadLetter(text, ref i);
            if (i + 1 < text.Length && text[i] == '-' && text[i + 1] != ']')
            {
                i++;
                var to = ReadLetter(text, ref i);
                if (to >= from)
                {
                    members.Add((from, to));
                }
            }
            else
            {
                members.Add((from, from));
            }
        }
        if (i >= text.Length)
        {
            return false;
        }
        at = i + 1;
        atom = members switch
        {
            [] => new GlobAtom(GlobAtomKind.Nothing),
            [var (from, to)] when from == to && !isNegated => new GlobAtom(GlobAtomKind.Letter, from),
            _ => new GlobAtom(GlobAtomKind.Set, '\0', isNegated, [.. members]),
        };
        return true;
    }

    private static char ReadLetter(string text, ref int i)
    {
        if (text[i] == '\\' && i + 1 < text.Length)
        {
            i++;
        }
        return text[i++];
    }
}
