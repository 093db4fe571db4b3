namespace Aegis.Core.Expressions;

/// <summary>Recognises <c>${root.path}</c>: a known root in lower case, or the name that a foreach gives its
/// items as it is written there, then members and indexes; an item and <c>${index}</c> also alone. Everything
/// else, such as <c>${HOME}</c>, is plain text.</summary>
internal static class ShortForm
{
    /// <summary>The length of a short form that begins here, or 0.</summary>
    /// <param name="itemName">Another name for <c>item</c>.</param>
    public static int LengthAt(string text, int at, string? itemName)
    {
        var i = at + 2;
        var nameLength = NameLength(text, i);
        var root = text.Substring(i, nameLength);
        i += nameLength;
        if (root != itemName && !ExpressionRoots.All.Contains(root))
        {
            return 0;
        }
        var members = 0;
        while (i < text.Length && text[i] is '.' or '[')
        {
            var length = text[i] == '.' ? MemberLength(text, i) : IndexLength(text, i);
            if (length == 0)
            {
                return 0;
            }
            i += length;
            members++;
        }
        var isWhole = members > 0 || root is "item" or "index" || root == itemName;
        return isWhole && i < text.Length && text[i] == '}' ? i + 1 - at : 0;
    }

    private static int MemberLength(string text, int dot)
    {
        var length = NameLength(text, dot + 1);
        return length == 0 ? 0 : length + 1;
    }

    private static int IndexLength(string text, int bracket)
    {
        var i = bracket + 1;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
        {
            i++;
        }
        return i > bracket + 1 && i < text.Length && text[i] == ']' ? i + 1 - bracket : 0;
    }

    private static int NameLength(string text, int at)
    {
        var end = at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '-'))
        {
            end++;
        }
        return Lexer.IsName(text.AsSpan(at, end - at)) ? end - at : 0;
    }
}
