namespace Aegis.Core.Vaccines;

/// <summary>Walks over a text once. What it does not understand it leaves as it is: at worst a comment is
/// seen as code.</summary>
internal sealed class CodeViewer(string text, CommentStyle style)
{
    private readonly char[] view = text.ToCharArray();

    // braces open in each `${…}` that the walk is inside of
    private readonly Stack<int> holes = new();
    private int at;
    private char last = '\n';

    public string Read()
    {
        while (at < text.Length)
        {
            Step();
        }
        return new string(view);
    }

    private void Step()
    {
        var c = text[at];
        if (StartsLineComment())
        {
            Blank(EndOfLine(at));
        }
        else if (style.Blocks && Here("/*"))
        {
            var end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
            Blank(end < 0 ? text.Length : end + 2);
        }
        else if (style.Quotes.Contains(c, StringComparison.Ordinal)
            || style.LongQuotes.Contains(c, StringComparison.Ordinal))
        {
            String(c);
        }
        else if (style.Regexes && c == '/' && MayBeginRegex())
        {
            at = EndOfRegex();
            last = '/';
        }
        else if (holes.Count > 0 && c is '{' or '}' && Brace(c))
        {
            Template();
        }
        else
        {
            last = char.IsWhiteSpace(c) ? last : c;
            at++;
        }
    }

    private bool Here(string mark) => string.CompareOrdinal(text, at, mark, 0, mark.Length) == 0;

    private bool StartsLineComment()
    {
        foreach (var mark in style.Line)
        {
            if (Here(mark) && (!style.HashNeedsSpace || at == 0 || char.IsWhiteSpace(text[at - 1])))
            {
                return true;
            }
        }
        return false;
    }

    private void String(char quote)
    {
        if (style.Triples && Here(new string(quote, 3)))
        {
            var end = text.IndexOf(new string(quote, 3), at + 3, StringComparison.Ordinal);
            Inside(at + 3, end < 0 ? text.Length : end, quote);
            at = end < 0 ? text.Length : end + 3;
        }
        else if (style.Regexes && quote == '`')
        {
            at++;
            Template();
        }
        else
        {
            var isLong = style.LongQuotes.Contains(quote, StringComparison.Ordinal)
                || (quote == '"' && at > 0 && text[at - 1] == '@');
            var end = EndOfString(quote, isLong);
            Inside(at + 1, end, quote);
            at = Math.Min(text.Length, end + 1);
        }
        last = quote;
    }

    /// <summary>The rest of a template literal, up to its end or its next hole.</summary>
    private void Template()
    {
        while (at < text.Length && text[at] != '`')
        {
            if (Here("${"))
            {
                holes.Push(0);
                at += 2;
                last = '{';
                return;
            }
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] is '"' or '\'')
            {
                view[at] = ' ';
            }
            at++;
        }
        at = Math.Min(text.Length, at + 1);
        last = '`';
    }

    /// <summary>True where it closes a hole.</summary>
    private bool Brace(char c)
    {
        at++;
        last = c;
        var open = holes.Pop() + (c == '{' ? 1 : -1);
        if (open < 0)
        {
            return true;
        }
        holes.Push(open);
        return false;
    }

    private int EndOfString(char quote, bool isLong)
    {
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == quote || (!isLong && text[i] == '\n'))
            {
                return i;
            }
        }
        return text.Length;
    }

    private void Inside(int from, int to, char quote)
    {
        for (var i = from; i < to; i++)
        {
            if (text[i] != quote && text[i] is '"' or '\'' or '`')
            {
                view[i] = ' ';
            }
        }
    }

    private bool MayBeginRegex() => "(,=:[!&|?{};+-*%~^<>\n".Contains(last, StringComparison.Ordinal)
        && EndOfRegex() > at + 1;

    private int EndOfRegex()
    {
        var isSet = false;
        for (var i = at + 1; i < text.Length && text[i] != '\n'; i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    isSet = true;
                    break;
                case ']':
                    isSet = false;
                    break;
                case '/' when !isSet:
                    return i + 1;
            }
        }
        return at + 1;
    }

    private int EndOfLine(int from) => text.IndexOf('\n', from) is var end and >= 0 ? end : text.Length;

    private void Blank(int end)
    {
        for (; at < end; at++)
        {
            if (view[at] is not ('\n' or '\r'))
            {
                view[at] = ' ';
            }
        }
    }
}
