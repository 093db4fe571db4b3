namespace Aegis.Core.Policy.Shell;

/// <summary><c>[[ … ]]</c>: nothing in it is a program, but numbers are compared by arithmetic.</summary>
internal sealed class ConditionParser(ShellParser shell)
{
    private readonly ShellCursor cursor = shell.Cursor;

    /// <summary>Behind the opening brackets, up to and over the closing ones.</summary>
    public void Read()
    {
        CommandWord? before = null;
        var beforeAt = cursor.At;
        while (!cursor.Failed)
        {
            cursor.SkipLines();
            if (cursor.AtEnd)
            {
                cursor.Unexpected("]]");
                return;
            }
            if (cursor.Take("&&") || cursor.Take("||") || cursor.Take("(") || cursor.Take(")")
                || cursor.Take("<") || cursor.Take(">"))
            {
                before = null;
                continue;
            }
            if (cursor.Here is ';' or '|' or '&')
            {
                cursor.Unexpected("]]");
                return;
            }
            var at = cursor.At;
            var word = shell.Words.Read();
            switch (word.Text)
            {
                case "]]":
                    return;
                case "==" or "=" or "!=" or "=~" when before is not null:
                    ReadPattern();
                    break;
                case "-eq" or "-ne" or "-lt" or "-le" or "-gt" or "-ge" when before is { } left:
                    Reckon(left, beforeAt);
                    cursor.SkipBlanks();
                    at = cursor.At;
                    Reckon(shell.Words.Read(), at);
                    break;
                case "-v" or "-R":
                    cursor.SkipBlanks();
                    at = cursor.At;
                    if (shell.Words.Read() is var name && (name.IsOpen || name.HasGlob
                        || name.Text.Contains('[', StringComparison.Ordinal)))
                    {
                        cursor.Findings.Add(ShellHazards.Subscript(cursor.Place(at)));
                    }
                    break;
            }
            (before, beforeAt) = (word, at);
        }
    }

    /// <summary>A pattern or regular expression may hold parentheses and bars.</summary>
    private void ReadPattern()
    {
        cursor.SkipBlanks();
        var depth = 0;
        shell.Words.Read(() =>
        {
            if (cursor.Here is ' ' or '\t' or '\n' && depth == 0)
            {
                return true;
            }
            depth += cursor.Here == '(' ? 1 : cursor.Here == ')' ? -1 : 0;
            return depth < 0;
        });
    }

    private void Reckon(CommandWord word, int at)
    {
        if (!word.IsOpen && word.Text.TrimStart('-').All(char.IsAsciiDigit))
        {
            return;
        }
        var name = word.Text.Trim('$', '{', '}');
        if (name is "#" or "?" or "")
        {
            return;
        }
        cursor.Findings.Names.UseInArithmetic(name, cursor.Place(at));
    }
}
