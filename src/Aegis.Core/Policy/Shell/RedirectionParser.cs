using System.Collections.Immutable;
using System.Text;

namespace Aegis.Core.Policy.Shell;

/// <summary>Redirections, and the beginnings of here-documents.</summary>
internal sealed class RedirectionParser(ShellParser shell)
{
    private static readonly string[] Operators =
        ["&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">|", ">&", ">"];

    private readonly ShellCursor cursor = shell.Cursor;

    public bool IsAhead()
    {
        var at = OperatorAt();
        return Peek(at) == '&' ? Peek(at + 1) == '>' && at == cursor.At
            : Peek(at) is '<' or '>' && Peek(at + 1) != '(';
    }

    public void Read(ImmutableArray<ShellRedirection>.Builder found)
    {
        cursor.At = OperatorAt();
        var at = cursor.At;
        var name = Operators.First(cursor.StartsWith);
        cursor.At += name.Length;
        cursor.SkipBlanks();
        if (name is "<<" or "<<-")
        {
            ReadDelimiter(name == "<<-", at);
            return;
        }
        if (cursor.AtBreak && !(cursor.Here is '<' or '>' && cursor.Peek(1) == '('))
        {
            cursor.Unexpected("a file's name");
            return;
        }
        var word = shell.Words.Read();
        var isCopy = name is "<&" or ">&" && !word.IsOpen
            && word.Text.TrimEnd('-').All(char.IsAsciiDigit);
        if (name != "<<<" && !isCopy)
        {
            found.Add(new ShellRedirection(name, word));
        }
    }

    /// <summary>Behind a descriptor's number or <c>{name}</c>.</summary>
    private int OperatorAt()
    {
        var at = cursor.At;
        while (char.IsAsciiDigit(Peek(at)))
        {
            at++;
        }
        if (at == cursor.At && Peek(at) == '{')
        {
            var close = at + 1;
            while (char.IsAsciiLetterOrDigit(Peek(close)) || Peek(close) == '_')
            {
                close++;
            }
            at = Peek(close) == '}' && close > at + 1 ? close + 1 : at;
        }
        return at;
    }

    /// <summary>Nothing is expanded in the delimiter; a quote in it makes the text literal.</summary>
    private void ReadDelimiter(bool stripsTabs, int at)
    {
        var text = new StringBuilder();
        var quoted = false;
        while (!cursor.AtBreak)
        {
            var c = cursor.Here;
            cursor.At++;
            if (c is '\'' or '"')
            {
                quoted = true;
                var close = cursor.Text.IndexOf(c, cursor.At);
                if (close < 0)
                {
                    cursor.Fail("AEGIS1131", "a quote is not closed", c.ToString(), "the end");
                    return;
                }
                text.Append(cursor.Text, cursor.At, close - cursor.At);
                cursor.At = close + 1;
            }
            else if (c == '\\' && !cursor.AtEnd)
            {
                quoted = true;
                text.Append(cursor.Here);
                cursor.At++;
            }
            else if (c is '$' or '`')
            {
                cursor.Fail("AEGIS1130", "a here-document's delimiter holds a substitution", "a word",
                    c.ToString(), "choose another word", cursor.At - 1);
                return;
            }
            else
            {
                text.Append(c);
            }
        }
        if (text.Length == 0 && !quoted)
        {
            cursor.Unexpected("the here-document's delimiter");
            return;
        }
        cursor.HereDocuments.Add(new PendingHereDocument(text.ToString(), quoted, stripsTabs, at));
    }

    private char Peek(int at) => at < cursor.Text.Length ? cursor.Text[at] : '\0';
}
