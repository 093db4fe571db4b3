using System.Collections.Immutable;

namespace Aegis.Core.Policy.Shell;

/// <summary>One command: compound, a function's definition, or simple.</summary>
internal sealed class CompoundParser(ShellParser shell)
{
    private readonly ShellCursor cursor = shell.Cursor;

    private ShellNames Names => cursor.Findings.Names;

    /// <summary>What stands here up to a blank or an operator, quotes and all: only a word without any can
    /// be one of the grammar's own.</summary>
    public string RawWord()
    {
        var end = cursor.At;
        while (end < cursor.Text.Length && end - cursor.At < 10
            && !ShellCursor.Breaking.Contains(cursor.Text[end]))
        {
            end++;
        }
        return cursor.Text[cursor.At..end];
    }

    public void Read(CommandJoin join)
    {
        cursor.SkipBlanks();
        if (TryRead(join))
        {
            ReadRedirections();
        }
        else if (!cursor.Failed)
        {
            shell.Simple.Read(join);
        }
    }

    /// <summary>The body of a function: a compound command.</summary>
    public void ReadFunction(string name)
    {
        cursor.SkipLines();
        Names.Open();
        Names.DefineFunction(name);
        if (!cursor.Findings.Enter(cursor.Place()))
        {
            return;
        }
        if (!TryRead(CommandJoin.Then))
        {
            cursor.Unexpected("the function's body in { }");
        }
        cursor.Findings.Leave();
        Names.Close(keep: false);
        Names.DefineFunction(name);
        ReadRedirections();
    }

    private bool TryRead(CommandJoin join)
    {
        if (cursor.Failed)
        {
            return false;
        }
        if (cursor.StartsWith("(("))
        {
            cursor.At += 2;
            shell.Arithmetic.Read("))");
            Add("((", join);
            return true;
        }
        if (cursor.Take("("))
        {
            ReadSubshell(join);
            return true;
        }
        return TryReadWord(RawWord(), join);
    }

    private bool TryReadWord(string word, CommandJoin join)
    {
        Action<CommandJoin>? read = word switch
        {
            "{" => ReadGroup,
            "if" => ReadIf,
            "while" or "until" => ReadLoop,
            "for" or "select" => ReadFor,
            "case" => ReadCase,
            "[[" => ReadCondition,
            "function" => _ => ReadFunctionWord(),
            "coproc" => ReadCoprocess,
            _ => null,
        };
        if (read is null)
        {
            return false;
        }
        cursor.At += word.Length;
        read(join);
        return true;
    }

    private void ReadSubshell(CommandJoin join)
    {
        Names.Open();
        shell.Lists.Read(join);
        Expect(")");
        Names.Close(keep: false);
    }

    private void ReadGroup(CommandJoin join)
    {
        shell.Lists.Read(join);
        Expect("}");
    }

    private void ReadIf(CommandJoin join)
    {
        shell.Lists.Read(join);
        Expect("then");
        ReadBranch();
        while (!cursor.Failed && RawWord() == "elif")
        {
            Names.Open();
            Expect("elif");
            shell.Lists.Read(CommandJoin.Then);
            Names.Close(keep: false);
            Expect("then");
            ReadBranch();
        }
        if (!cursor.Failed && RawWord() == "else")
        {
            Expect("else");
            ReadBranch();
        }
        Expect("fi");
    }

    private void ReadLoop(CommandJoin join)
    {
        shell.Lists.Read(join);
        ReadBody();
    }

    private void ReadFor(CommandJoin join)
    {
        cursor.SkipBlanks();
        Names.Open();
        if (cursor.Take("(("))
        {
            shell.Arithmetic.Read(";");
            shell.Arithmetic.Read(";");
            shell.Arithmetic.Read("))");
            Add("((", join);
        }
        else
        {
            ReadForWords();
        }
        cursor.SkipBlanks();
        cursor.Take(";");
        cursor.SkipLines();
        if (RawWord() == "{")
        {
            Expect("{");
            ReadBranch();
            Expect("}");
        }
        else
        {
            ReadBody();
        }
        Names.Close(keep: false);
    }

    private void ReadForWords()
    {
        if (!cursor.IsNameStart)
        {
            cursor.Unexpected("the name of a variable");
            return;
        }
        var at = cursor.At;
        var name = cursor.ReadName();
        cursor.SkipLines();
        var numbers = false;
        if (RawWord() == "in")
        {
            cursor.At += 2;
            numbers = true;
            for (cursor.SkipBlanks(); !cursor.Failed && !cursor.AtBreak; cursor.SkipBlanks())
            {
                numbers &= IsNumber(shell.Words.Read());
            }
        }
        if (numbers)
        {
            Names.SetNumber(name);
        }
        else
        {
            Names.SetText(name);
        }
        // the loop's variable is set as any other
        cursor.Findings.Add(new SimpleCommand([], CommandJoin.Then,
            [new ShellAssignment(name, cursor.Place(at) + 1)], []), cursor.Place(at));
    }

    private void ReadCase(CommandJoin join)
    {
        cursor.SkipBlanks();
        shell.Words.Read();
        cursor.SkipLines();
        Expect("in");
        cursor.SkipLines();
        while (!cursor.Failed && RawWord() != "esac")
        {
            ReadPatterns();
            Names.Open();
            shell.Lists.Read(CommandJoin.Then, mayBeEmpty: true);
            Names.Close(keep: false);
            if (!cursor.Take(";;&") && !cursor.Take(";;") && !cursor.Take(";&"))
            {
                break;
            }
            cursor.SkipLines();
        }
        Add("case", join);
        Expect("esac");
    }

    private void ReadPatterns()
    {
        cursor.Take("(");
        do
        {
            cursor.SkipBlanks();
            shell.Words.Read();
            cursor.SkipBlanks();
        }
        while (!cursor.Failed && cursor.Take("|"));
        Expect(")");
    }

    private void ReadCondition(CommandJoin join)
    {
        shell.Conditions.Read();
        Add("[[", join);
    }

    private void ReadFunctionWord()
    {
        cursor.SkipBlanks();
        var name = shell.Words.Read();
        cursor.SkipBlanks();
        if (cursor.Take("("))
        {
            cursor.SkipBlanks();
            Expect(")");
        }
        if (name.IsOpen || name.HasGlob || name.Text.Length == 0)
        {
            cursor.Unexpected("the function's name");
            return;
        }
        ReadFunction(name.Text);
    }

    private void ReadCoprocess(CommandJoin join)
    {
        cursor.Findings.Add(ShellHazards.Coprocess(cursor.Place()));
        Read(join);
    }

    private void ReadBody()
    {
        Expect("do");
        ReadBranch();
        Expect("done");
    }

    private void ReadBranch()
    {
        Names.Open();
        shell.Lists.Read(CommandJoin.Then);
        Names.Close(keep: false);
    }

    private void ReadRedirections()
    {
        var found = ImmutableArray.CreateBuilder<ShellRedirection>();
        for (cursor.SkipBlanks(); !cursor.Failed && shell.Redirections.IsAhead(); cursor.SkipBlanks())
        {
            shell.Redirections.Read(found);
        }
        if (found.Count > 0)
        {
            cursor.Findings.Add(new SimpleCommand([], CommandJoin.Then, [], found.ToImmutable()),
                cursor.Place());
        }
    }

    /// <summary>A part of the grammar that stands for a command in the record.</summary>
    private void Add(string word, CommandJoin join)
    {
        if (!cursor.Failed)
        {
            cursor.Findings.Add(new SimpleCommand([new CommandWord(word, false, false, cursor.Place() + 1)],
                join, [], []), cursor.Place());
        }
    }

    private void Expect(string word)
    {
        if (cursor.Failed)
        {
            return;
        }
        cursor.SkipBlanks();
        if (word == ")" ? !cursor.Take(word) : RawWord() != word)
        {
            cursor.Unexpected(word);
        }
        else if (word != ")")
        {
            cursor.At += word.Length;
        }
    }

    private static bool IsNumber(CommandWord word) =>
        !word.IsOpen && !word.HasGlob && word.Text.Length > 0 && word.Text.All(char.IsAsciiDigit);
}
