namespace Aegis.Core.Policy.Shell;

/// <summary><c>NAME=value</c>, <c>NAME+=value</c>, <c>NAME[1]=value</c>, <c>NAME=(a b)</c>.</summary>
internal sealed record AssignedValue(string Name, int Column, CommandWord Word, bool IsNumber, bool Appends)
{
    public static bool IsAhead(ShellCursor cursor)
    {
        if (!cursor.IsNameStart)
        {
            return false;
        }
        var at = cursor.At;
        while (char.IsAsciiLetterOrDigit(At(cursor, at)) || At(cursor, at) == '_')
        {
            at++;
        }
        if (At(cursor, at) == '[')
        {
            var close = cursor.Text.IndexOf(']', at);
            if (close < 0)
            {
                return false;
            }
            at = close + 1;
        }
        return At(cursor, at) == '=' || (At(cursor, at) == '+' && At(cursor, at + 1) == '=');
    }

    public static AssignedValue Read(ShellParser shell)
    {
        var cursor = shell.Cursor;
        var column = cursor.Place() + 1;
        var name = cursor.ReadName();
        var isElement = cursor.Take("[");
        if (isElement)
        {
            shell.Arithmetic.Read("]");
        }
        var appends = cursor.Take("+=");
        if (!appends && !cursor.Take("="))
        {
            cursor.Unexpected("=");
        }
        if (cursor.Here == '(' && !isElement)
        {
            ReadArray(shell);
            var list = new CommandWord("(…)", false, false, column);
            return new AssignedValue(name, column, list, false, appends);
        }
        var at = cursor.At;
        var word = cursor.AtBreak ? new CommandWord("", false, false, column) : shell.Words.Read();
        var isNumber = !isElement && HoldsNumber(cursor.Text[at..cursor.At], word);
        return new AssignedValue(name, column, word, isNumber, appends);
    }

    private static void ReadArray(ShellParser shell)
    {
        var cursor = shell.Cursor;
        cursor.At++;
        for (cursor.SkipLines(); !cursor.Failed && !cursor.AtEnd && cursor.Here != ')'; cursor.SkipLines())
        {
            if (cursor.Here == '[')
            {
                cursor.At++;
                shell.Arithmetic.Read("]");
                cursor.Take("=");
            }
            if (cursor.Here is ';' or '|' or '&' or '(')
            {
                break;
            }
            if (cursor.Here != ')')
            {
                shell.Words.Read();
            }
        }
        if (!cursor.Take(")"))
        {
            cursor.Unexpected(")");
        }
    }

    private static bool HoldsNumber(string source, CommandWord word) =>
        (!word.IsOpen && word.Text.Length > 0 && word.Text.All(char.IsAsciiDigit))
        || (source.StartsWith("$((", StringComparison.Ordinal)
            && source.IndexOf("))", StringComparison.Ordinal) == source.Length - 2)
        || source is "$#" or "$?";

    private static char At(ShellCursor cursor, int at) => at < cursor.Text.Length ? cursor.Text[at] : '\0';
}
