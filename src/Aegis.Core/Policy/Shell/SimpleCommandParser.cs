using System.Collections.Immutable;

namespace Aegis.Core.Policy.Shell;

/// <summary>Assignments, words and redirections up to an operator; or the beginning of a function's
/// definition.</summary>
internal sealed class SimpleCommandParser(ShellParser shell)
{
    private static readonly HashSet<string> Declaring = ["declare", "typeset", "local", "export", "readonly"];

    private static readonly HashSet<string> Setting =
        ["read", "mapfile", "readarray", "getopts", "printf", "let"];

    private readonly ShellCursor cursor = shell.Cursor;

    private ShellNames Names => cursor.Findings.Names;

    public void Read(CommandJoin join)
    {
        var start = cursor.At;
        var words = ImmutableArray.CreateBuilder<CommandWord>();
        var assigned = new List<AssignedValue>();
        var redirections = ImmutableArray.CreateBuilder<ShellRedirection>();
        while (!cursor.Failed)
        {
            cursor.SkipBlanks();
            if (shell.Redirections.IsAhead())
            {
                shell.Redirections.Read(redirections);
            }
            else if (cursor.Here == '(' && IsFunction(words, assigned.Count + redirections.Count))
            {
                ReadFunction(words[0].Text);
                return;
            }
            else if (cursor.AtEnd || (cursor.AtBreak && !IsSubstitution()))
            {
                break;
            }
            else if (words.Count == 0 && AssignedValue.IsAhead(cursor))
            {
                assigned.Add(AssignedValue.Read(shell));
            }
            else
            {
                ReadWord(words);
            }
        }
        if (!cursor.Failed)
        {
            Finish(new SimpleCommand(words.ToImmutable(), join,
                [.. assigned.Select(a => new ShellAssignment(a.Name, a.Column))],
                redirections.ToImmutable()), assigned, start);
        }
    }

    private bool IsSubstitution() => cursor.Here is '<' or '>' && cursor.Peek(1) == '(';

    private static bool IsFunction(ImmutableArray<CommandWord>.Builder words, int others) =>
        words.Count == 1 && others == 0 && !words[0].IsOpen && !words[0].HasGlob;

    private void ReadFunction(string name)
    {
        cursor.At++;
        cursor.SkipBlanks();
        if (!cursor.Take(")"))
        {
            cursor.Unexpected(")");
            return;
        }
        shell.Compound.ReadFunction(name);
    }

    private void ReadWord(ImmutableArray<CommandWord>.Builder words)
    {
        var at = cursor.At;
        if (words.Count > 0 && Declaring.Contains(words[0].Text) && AssignedValue.IsAhead(cursor))
        {
            var value = AssignedValue.Read(shell);
            words.Add(new CommandWord(value.Name + "=" + value.Word.Text, false, false,
                cursor.Place(at) + 1, value.Word.Open & WordOpening.Part));
            Set(value);
            return;
        }
        var word = shell.Words.Read();
        if (words.Count == 0)
        {
            CheckProgram(word, at);
        }
        words.Add(word);
    }

    private void CheckProgram(CommandWord word, int at)
    {
        if (word.HasGlob || (word.Text.Contains('[', StringComparison.Ordinal) && word.Text != "["
            && !word.IsOpen))
        {
            cursor.Fail("AEGIS1130", "a glob or bracket names no program", "a program's name", word.Text,
                "write the program's name", at);
        }
        else if (word.Text.Length == 0 && !word.IsOpen)
        {
            cursor.Fail("AEGIS1133", "the program's name is empty", "a program's name", "nothing", at: at);
        }
    }

    private void Finish(SimpleCommand command, List<AssignedValue> assigned, int start)
    {
        if (command.Words.IsEmpty && assigned.Count == 0 && command.Redirections.IsEmpty)
        {
            cursor.Fail("AEGIS1133", "a command is missing", "a program's name", cursor.Shown);
            return;
        }
        // what is set before a program is set for it alone
        assigned.ForEach(a => Set(a, lasts: command.Words.IsEmpty));
        if (Setting.Contains(command.Program))
        {
            foreach (var word in command.Words.Skip(1))
            {
                Names.SetText(word.Text);
            }
        }
        cursor.Findings.Add(command with { CallsFunction = Names.IsFunction(command.Program) },
            cursor.Place(start));
    }

    private void Set(AssignedValue value, bool lasts = true)
    {
        if (!value.IsNumber)
        {
            Names.SetText(value.Name);
        }
        else if (lasts && !value.Appends)
        {
            Names.SetNumber(value.Name);
        }
    }
}
