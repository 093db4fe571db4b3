namespace Aegis.Core.Policy.Shell;

/// <summary>Reads one word with its quotes, substitutions, globs and braces.</summary>
internal sealed class WordParser(ShellParser shell)
{
    private readonly ShellCursor cursor = shell.Cursor;

    /// <summary>Up to a blank or an operator.</summary>
    public CommandWord Read() => Read(() =>
        cursor.AtBreak && !(cursor.Here is '<' or '>' && cursor.Peek(1) == '('));

    public CommandWord Read(Func<bool> isEnd)
    {
        var at = cursor.At;
        var word = new WordText();
        while (!cursor.Failed && !cursor.AtEnd && !isEnd())
        {
            ReadPart(word);
        }
        cursor.Findings.CountWord(cursor.Place(at));
        if (!cursor.Failed && cursor.At == at)
        {
            cursor.Unexpected("a word");
        }
        return word.Finish(cursor.Place(at) + 1);
    }

    /// <summary>The operand of a <c>${ }</c>, up to its closing brace.</summary>
    /// <param name="quotes">A single quote quotes; between double quotes it is a letter for most
    /// operators.</param>
    public void ReadOperand(bool quotes)
    {
        var operand = new WordText();
        while (!cursor.Failed && cursor.Here != '}')
        {
            if (cursor.AtEnd)
            {
                cursor.Fail("AEGIS1131", "a brace is not closed", "}", "the end");
            }
            else if (cursor.Here == '\'' && !quotes)
            {
                cursor.At++;
            }
            else if (cursor.Here is '{' || (cursor.AtBreak && cursor.Peek(1) != '('))
            {
                cursor.At++;
            }
            else
            {
                ReadPart(operand);
            }
        }
    }

    private void ReadPart(WordText word)
    {
        switch (cursor.Here)
        {
            case '\'':
                ReadSingle(word);
                break;
            case '"':
                ReadDouble(word);
                break;
            case '\\':
                ReadEscape(word);
                break;
            case '$':
                shell.Expansions.ReadDollar(word, isQuoted: false);
                break;
            case '`':
                var start = cursor.At;
                shell.Expansions.ReadBackquotes(isQuoted: false);
                word.PutOpen(cursor.Text[start..cursor.At], splits: true);
                break;
            case '<' or '>' when cursor.Peek(1) == '(':
                ReadProcess(word);
                break;
            case '~' when word.IsEmpty || word.Last is '=' or ':':
                word.PutOpen("~", splits: false, begins: false);
                cursor.At++;
                break;
            case '{' when IsBraceExpansion():
                word.PutOpen("{", splits: true);
                cursor.At++;
                break;
            default:
                word.PutPlain(cursor.Here);
                cursor.At++;
                break;
        }
    }

    private void ReadSingle(WordText word)
    {
        var close = cursor.Text.IndexOf('\'', cursor.At + 1);
        if (close < 0)
        {
            cursor.Fail("AEGIS1131", "a quote is not closed", "'", "the end");
            return;
        }
        word.Put(cursor.Text[(cursor.At + 1)..close]);
        cursor.At = close + 1;
    }

    public void ReadDouble(WordText word)
    {
        var at = cursor.At;
        cursor.At++;
        while (!cursor.Failed && cursor.Here != '"')
        {
            if (cursor.AtEnd)
            {
                cursor.Fail("AEGIS1131", "a quote is not closed", "\"", "the end", at: at);
                return;
            }
            ReadQuotedPart(word);
        }
        cursor.Take("\"");
    }

    private void ReadQuotedPart(WordText word)
    {
        switch (cursor.Here)
        {
            case '$':
                shell.Expansions.ReadDollar(word, isQuoted: true);
                break;
            case '`':
                var start = cursor.At;
                shell.Expansions.ReadBackquotes(isQuoted: true);
                word.PutOpen(cursor.Text[start..cursor.At], splits: false);
                break;
            case '\\' when cursor.Peek(1) == '\n':
                cursor.At += 2;
                break;
            case '\\' when cursor.Peek(1) is '$' or '`' or '"' or '\\':
                word.Put(cursor.Peek(1));
                cursor.At += 2;
                break;
            default:
                word.Put(cursor.Here);
                cursor.At++;
                break;
        }
    }

    private void ReadEscape(WordText word)
    {
        if (cursor.At + 1 >= cursor.Text.Length)
        {
            cursor.Fail("AEGIS1131", "a backslash stands at the end", "the character that it quotes",
                "the end");
            return;
        }
        if (cursor.Peek(1) != '\n')
        {
            word.Put(cursor.Peek(1));
        }
        cursor.At += 2;
    }

    /// <summary><c>&lt;(list)</c>: the word becomes the name of a pipe.</summary>
    private void ReadProcess(WordText word)
    {
        cursor.At += 2;
        shell.Expansions.ReadList();
        // what the name begins with is what guards look at: the program's input, not a file
        word.Put("/dev/fd/");
        word.PutOpen("N", splits: false);
    }

    private bool IsBraceExpansion()
    {
        var depth = 0;
        for (var at = cursor.At; at < cursor.Text.Length; at++)
        {
            var c = cursor.Text[at];
            if (c is ' ' or '\t' or '\n' or ';' or '|' or '&')
            {
                return false;
            }
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0)
            {
                return false;
            }
            if (c == ',' || (c == '.' && at + 1 < cursor.Text.Length && cursor.Text[at + 1] == '.'))
            {
                return cursor.Text.IndexOf('}', at) > 0;
            }
        }
        return false;
    }
}
