using System.Text;

namespace Aegis.Core.Policy.Shell;

/// <summary>What begins with <c>$</c>, and backquotes. Commands inside are judged like any other.</summary>
internal sealed class ExpansionParser(ShellParser shell)
{
    private readonly ShellCursor cursor = shell.Cursor;

    private ShellNames Names => cursor.Findings.Names;

    /// <summary>A text that is expanded as between double quotes, to its end: a here-document.</summary>
    public void ReadText()
    {
        var text = new WordText();
        while (!cursor.Failed && !cursor.AtEnd)
        {
            switch (cursor.Here)
            {
                case '\\':
                    cursor.At = Math.Min(cursor.At + 2, cursor.Text.Length);
                    break;
                case '$':
                    ReadDollar(text, isQuoted: true);
                    break;
                case '`':
                    ReadBackquotes(isQuoted: false);
                    break;
                default:
                    cursor.At++;
                    break;
            }
        }
    }

    /// <summary>A list up to and over the closing parenthesis.</summary>
    public void ReadList()
    {
        Names.Open();
        shell.Lists.Read(CommandJoin.Within, mayBeEmpty: true);
        if (!cursor.Failed && !cursor.Take(")"))
        {
            cursor.Unexpected(")");
        }
        Names.Close(keep: false);
    }

    public void ReadBackquotes(bool isQuoted)
    {
        var at = cursor.At;
        var inner = new StringBuilder();
        cursor.At++;
        while (!cursor.AtEnd && cursor.Here != '`')
        {
            var escapes = cursor.Here == '\\' && (cursor.Peek(1) is '`' or '\\' or '$'
                || (isQuoted && cursor.Peek(1) == '"'));
            inner.Append(escapes ? cursor.Peek(1) : cursor.Here);
            cursor.At += escapes ? 2 : 1;
        }
        if (!cursor.Take("`"))
        {
            cursor.Fail("AEGIS1131", "a backquote is not closed", "`", "the end", at: at);
            return;
        }
        var nested = new ShellCursor(inner.ToString(), cursor.Findings, cursor.Place(at) + 1);
        Names.Open();
        new ShellParser(nested).Lists.Read(CommandJoin.Within, mayBeEmpty: true);
        if (!nested.Failed && !nested.AtEnd)
        {
            nested.Unexpected("the end of the substitution");
        }
        HereDocumentReader.ReadPending(nested);
        Names.Close(keep: false);
    }

    public void ReadDollar(WordText word, bool isQuoted)
    {
        var at = cursor.At;
        switch (cursor.Peek(1))
        {
            case '(' when cursor.Peek(2) == '(':
                cursor.At += 3;
                shell.Arithmetic.Read("))");
                word.PutOpen(cursor.Text[at..cursor.At], splits: false);
                break;
            case '(':
                cursor.At += 2;
                ReadList();
                word.PutOpen(cursor.Failed ? "" : cursor.Text[at..cursor.At], splits: !isQuoted);
                break;
            case '{':
                cursor.At += 2;
                var splits = new ParameterParser(shell).Read(isQuoted);
                word.PutOpen(cursor.Text[at..cursor.At], splits);
                break;
            case '[':
                cursor.Fail("AEGIS1130", "the old form of arithmetic is not read", "$(( ))", "$[",
                    "write $(( ))");
                break;
            case '\'' when !isQuoted:
                cursor.At++;
                EscapedText.Read(cursor, word);
                break;
            case '"' when !isQuoted:
                // a translation may put in another text
                word.PutOpen("", splits: false);
                cursor.At++;
                shell.Words.ReadDouble(word);
                break;
            case var c when char.IsAsciiLetter(c) || c == '_':
                cursor.At++;
                cursor.ReadName();
                word.PutOpen(cursor.Text[at..cursor.At], splits: !isQuoted);
                break;
            case var c when char.IsAsciiDigit(c) || c is '@' or '*' or '#' or '?' or '-' or '$' or '!':
                cursor.At += 2;
                var isNumber = c is '#' or '?' or '$' or '!';
                word.PutOpen(cursor.Text[at..cursor.At], splits: c is '@' || (!isQuoted && !isNumber));
                break;
            default:
                word.Put('$');
                cursor.At++;
                break;
        }
    }
}
