namespace Aegis.Core.Policy.Shell;

/// <summary>What stands between <c>${</c> and <c>}</c>.</summary>
internal sealed class ParameterParser(ShellParser shell)
{
    private readonly ShellCursor cursor = shell.Cursor;
    private bool isAll;

    /// <summary>Behind the opening brace, up to and over the closing one. Answers whether it can become
    /// several words.</summary>
    public bool Read(bool isQuoted)
    {
        var at = cursor.Place();
        if (!cursor.Findings.Enter(at))
        {
            return true;
        }
        var isLength = cursor.Here == '#' && cursor.Peek(1) != '}' && IsParameter(cursor.Peek(1));
        var isIndirect = cursor.Here == '!' && (char.IsAsciiLetterOrDigit(cursor.Peek(1))
            || cursor.Peek(1) == '_');
        cursor.At += isLength || isIndirect ? 1 : 0;
        var name = ReadParameter();
        if (isIndirect && !isAll && !(cursor.Here is '*' or '@' && cursor.Peek(1) == '}'))
        {
            cursor.Findings.Add(ShellHazards.Indirect(at));
        }
        if (isIndirect && cursor.Here is '*' or '@' && cursor.Peek(1) == '}')
        {
            isAll = true;
            cursor.At++;
        }
        ReadOperator(name, isQuoted);
        if (!cursor.Failed && !cursor.Take("}"))
        {
            cursor.Unexpected("}");
        }
        cursor.Findings.Leave();
        return !isLength && (isAll || !isQuoted);
    }

    private static bool IsParameter(char c) => char.IsAsciiLetterOrDigit(c)
        || c is '_' or '@' or '*' or '#' or '?' or '-' or '$' or '!';

    private string ReadParameter()
    {
        if (!IsParameter(cursor.Here))
        {
            cursor.Unexpected("the name of a variable");
            return "";
        }
        if (!char.IsAsciiLetterOrDigit(cursor.Here) && cursor.Here != '_')
        {
            isAll = cursor.Here is '@' or '*';
            cursor.At++;
            return "";
        }
        var name = cursor.ReadName();
        if (cursor.Take("[@]") || cursor.Take("[*]"))
        {
            isAll = true;
        }
        else if (cursor.Take("["))
        {
            shell.Arithmetic.Read("]");
        }
        return name;
    }

    private void ReadOperator(string name, bool isQuoted)
    {
        switch (cursor.Here)
        {
            case ':' when cursor.Peek(1) is '-' or '=' or '+' or '?':
                cursor.At++;
                ReadAlternative(name, isQuoted);
                break;
            case ':':
                cursor.At++;
                ReadSlice();
                break;
            case '-' or '=' or '+' or '?':
                ReadAlternative(name, isQuoted);
                break;
            case '#' or '%' or '/' or '^' or ',':
                cursor.At++;
                shell.Words.ReadOperand(quotes: true);
                break;
            case '@':
                if (cursor.Peek(1) == 'P')
                {
                    cursor.Findings.Add(ShellHazards.Prompt(cursor.Place()));
                }
                cursor.At += char.IsAsciiLetter(cursor.Peek(1)) ? 2 : 1;
                break;
        }
    }

    private void ReadAlternative(string name, bool isQuoted)
    {
        if (cursor.Here == '=')
        {
            cursor.Findings.Names.SetText(name);
            cursor.Findings.Add(new SimpleCommand([], CommandJoin.Within,
                [new ShellAssignment(name, cursor.Place() + 1)], []), cursor.Place());
        }
        cursor.At++;
        shell.Words.ReadOperand(quotes: !isQuoted);
    }

    /// <summary><c>:offset:length</c>, both arithmetic.</summary>
    private void ReadSlice()
    {
        var close = cursor.At;
        shell.Arithmetic.Read("}");
        // the brace is the caller's
        cursor.At = Math.Max(close, cursor.At - 1);
    }
}
