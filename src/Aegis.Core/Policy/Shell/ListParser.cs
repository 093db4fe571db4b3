namespace Aegis.Core.Policy.Shell;

/// <summary>Lists: pipelines joined by <c>&amp;&amp;</c> and <c>||</c>, ended by <c>;</c>, <c>&amp;</c> or a
/// line break.</summary>
internal sealed class ListParser(ShellParser shell)
{
    private static readonly HashSet<string> Enders =
        ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

    private readonly ShellCursor cursor = shell.Cursor;

    /// <summary>Up to what ends the part of the command that it stands in, which is left for the
    /// caller.</summary>
    /// <param name="mayBeEmpty">As a substitution's list may be, and no other.</param>
    public void Read(CommandJoin join, bool mayBeEmpty = false)
    {
        cursor.SkipLines();
        if (IsEnd())
        {
            if (!mayBeEmpty)
            {
                cursor.Fail("AEGIS1133", "a command is missing", "a program's name", cursor.Shown);
            }
            return;
        }
        if (!cursor.Findings.Enter(cursor.Place()))
        {
            return;
        }
        do
        {
            var isSeparated = ReadAndOr(join);
            join = CommandJoin.Then;
            if (cursor.Failed || !TakeSeparator(isSeparated))
            {
                break;
            }
        }
        while (!IsEnd());
        cursor.Findings.Leave();
    }

    private bool IsEnd() => cursor.AtEnd || cursor.Here == ')' || cursor.StartsWith(";;")
        || cursor.StartsWith(";&") || Enders.Contains(shell.Compound.RawWord());

    private bool TakeSeparator(bool isSeparated)
    {
        cursor.SkipBlanks();
        if (!isSeparated && cursor.Here == ';' && cursor.Peek(1) is not (';' or '&'))
        {
            isSeparated = true;
            cursor.At++;
        }
        isSeparated |= cursor.Here == '\n';
        cursor.SkipLines();
        return isSeparated && !cursor.Failed;
    }

    /// <summary>Answers whether it ended in an ampersand.</summary>
    private bool ReadAndOr(CommandJoin join)
    {
        var names = cursor.Findings.Names;
        names.Open();
        ReadPipeline(join);
        while (!cursor.Failed)
        {
            cursor.SkipBlanks();
            CommandJoin? next = cursor.Take("&&") ? CommandJoin.And
                : cursor.Take("||") ? CommandJoin.Or : null;
            if (next is not { } found)
            {
                break;
            }
            cursor.SkipLines();
            names.Open();
            ReadPipeline(found);
            names.Close(keep: false);
        }
        var isBackground = !cursor.Failed && cursor.Here == '&' && cursor.Peek(1) != '>';
        if (isBackground)
        {
            cursor.At++;
        }
        names.Close(keep: !isBackground);
        return isBackground;
    }

    private void ReadPipeline(CommandJoin join)
    {
        cursor.SkipBlanks();
        while (shell.Compound.RawWord() is "!" or "time")
        {
            cursor.ReadName();
            cursor.Take("!");
            cursor.SkipBlanks();
            if (cursor.StartsWith("-p "))
            {
                cursor.At += 3;
                cursor.SkipBlanks();
            }
        }
        var names = cursor.Findings.Names;
        names.Open();
        shell.Compound.Read(join);
        cursor.SkipBlanks();
        var isPiped = false;
        while (!cursor.Failed && cursor.Here == '|' && cursor.Peek(1) != '|')
        {
            cursor.At++;
            cursor.Take("&");
            cursor.SkipLines();
            isPiped = true;
            shell.Compound.Read(CommandJoin.Pipe);
            cursor.SkipBlanks();
        }
        // each part of a pipe runs in a shell of its own
        names.Close(keep: !isPiped);
    }
}
