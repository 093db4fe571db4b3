namespace Aegis.Core.Policy.Shell;

/// <summary>Arithmetic: reckoned by the shell, which evaluates the text that variables hold.</summary>
internal sealed class ArithmeticParser(ShellParser shell)
{
    private readonly ShellCursor cursor = shell.Cursor;

    private ShellNames Names => cursor.Findings.Names;

    /// <summary>Up to and over the end, which is looked for outside parentheses.</summary>
    public void Read(string end)
    {
        var start = cursor.At;
        if (!cursor.Findings.Enter(cursor.Place()))
        {
            return;
        }
        var depth = 0;
        var begins = true;
        while (!cursor.Failed && !(depth == 0 && cursor.StartsWith(end)))
        {
            if (cursor.AtEnd || (depth == 0 && cursor.Here == ')'))
            {
                cursor.Unexpected(end);
                break;
            }
            depth += cursor.Here == '(' ? 1 : cursor.Here == ')' ? -1 : 0;
            var isBlank = cursor.Here is ' ' or '\t' or '\n';
            var isComma = cursor.Here == ',' && depth == 0;
            ReadPiece(begins);
            begins = isComma || (begins && isBlank);
        }
        cursor.Take(end);
        cursor.Findings.Leave();
        if (end == "]" && cursor.At == start + 1)
        {
            cursor.Fail("AEGIS1133", "a subscript is missing", "a number", "]");
        }
    }

    private void ReadPiece(bool begins)
    {
        switch (cursor.Here)
        {
            case '$':
                ReadDollar();
                break;
            case '`':
                cursor.Findings.Add(ShellHazards.Arithmetic("a command's output", cursor.Place()));
                shell.Expansions.ReadBackquotes(isQuoted: true);
                break;
            case '[':
                cursor.At++;
                Read("]");
                break;
            case '\'' or '{' or '}' or ';':
                cursor.Unexpected("an arithmetic expression");
                break;
            case var c when char.IsAsciiDigit(c):
                while (char.IsAsciiLetterOrDigit(cursor.Here) || cursor.Here is '#' or '@' or '_')
                {
                    cursor.At++;
                }
                break;
            case var _ when cursor.IsNameStart:
                ReadName(begins);
                break;
            default:
                cursor.At++;
                break;
        }
    }

    private void ReadName(bool begins)
    {
        var at = cursor.Place();
        var name = cursor.ReadName();
        while (cursor.Here is ' ' or '\t')
        {
            cursor.At++;
        }
        if (begins && cursor.Here == '=' && cursor.Peek(1) != '=')
        {
            // the result of arithmetic is a number
            Names.SetNumber(name);
        }
        else
        {
            Names.UseInArithmetic(name, at);
        }
    }

    private void ReadDollar()
    {
        var at = cursor.At;
        shell.Expansions.ReadDollar(new WordText(), isQuoted: true);
        var source = cursor.Text[at..cursor.At];
        if (source is "$#" or "$?" or "$$" or "$!" || source.StartsWith("${#", StringComparison.Ordinal)
            || source.StartsWith("$((", StringComparison.Ordinal))
        {
            return;
        }
        var name = source.Trim('$', '{', '}');
        Names.UseInArithmetic(source.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? name : source, cursor.Place(at));
    }
}
