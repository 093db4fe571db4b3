using System.Buffers;
using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;

namespace Aegis.Core.Policy;

/// <summary>
/// Reads a command line by a small part of the shell's grammar, so that what is judged is what will run:
/// words, single and double quotes, backslash, <c>&amp;&amp;</c>, <c>||</c>, <c>;</c>, <c>|</c>. Asking a
/// shell to parse, or splitting at spaces and hoping, were rejected: whatever this grammar does not know is
/// refused with its column, never passed on.
/// </summary>
public static class CommandLine
{
    public const int LengthMax = 65_536;
    public const int CommandsMax = 256;
    public const int WordsMax = 4_096;

    public static CommandLineResult Parse(string line)
    {
        if (line.Length > LengthMax)
        {
            return new CommandLineResult([], new AegisError("AEGIS1132", "the command line is too long",
                $"at most {LengthMax} characters", $"{line.Length}",
                "put it into a script of the repository"));
        }
        var parser = new CommandLineParser(line);
        var commands = parser.Parse();
        return parser.Error is null
            ? new CommandLineResult(commands, null)
            : new CommandLineResult([], parser.Error);
    }
}

internal sealed class CommandLineParser(string line)
{
    private static readonly SearchValues<string> Reserved = SearchValues.Create(
        ["!", "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in",
            "function", "select", "time", "coproc", "[[", "]]"], StringComparison.Ordinal);

    private readonly ImmutableArray<SimpleCommand>.Builder commands =
        ImmutableArray.CreateBuilder<SimpleCommand>();
    private readonly ImmutableArray<CommandWord>.Builder words = ImmutableArray.CreateBuilder<CommandWord>();
    private int at;
    private int wordCount;
    private CommandJoin join;

    public AegisError? Error { get; private set; }

    public ImmutableArray<SimpleCommand> Parse()
    {
        // a block scalar of YAML ends in a line feed, which ends the shell's line as well
        var end = line.AsSpan().TrimEnd(" \t\n").Length;
        if (end < line.Length && end > 0 && line[end - 1] == '\\' && line[end] != '\n')
        {
            // the backslash makes the blank behind it a part of the word
            end++;
        }
        if (!WellFormedText.IsValid(line))
        {
            Fail("AEGIS1130", "half of a surrogate pair is no text", 0, null);
        }
        while (Error is null && at < end)
        {
            if (line[at] is ' ' or '\t')
            {
                at++;
            }
            else if (!ReadOperator(end))
            {
                ReadWord(end);
            }
        }
        Finish();
        return commands.ToImmutable();
    }

    private bool ReadOperator(int end)
    {
        var isDouble = at + 1 < end && line[at + 1] == line[at];
        CommandJoin? found = line[at] switch
        {
            '&' when isDouble => CommandJoin.And,
            '|' when isDouble => CommandJoin.Or,
            '|' => CommandJoin.Pipe,
            ';' => CommandJoin.Then,
            _ => null,
        };
        if (found is not { } next)
        {
            return false;
        }
        CloseCommand();
        at += next is CommandJoin.And or CommandJoin.Or ? 2 : 1;
        join = next;
        return true;
    }

    private void CloseCommand()
    {
        if (words.Count == 0)
        {
            Fail("AEGIS1133", "a command is missing", at, null, "a program's name", Here());
        }
        else if (commands.Count == CommandLine.CommandsMax)
        {
            Fail("AEGIS1132", "the line has too many commands", at, null,
                $"at most {CommandLine.CommandsMax}");
        }
        else
        {
            commands.Add(new SimpleCommand(words.ToImmutable(), join));
            words.Clear();
        }
    }

    private void Finish()
    {
        if (Error is not null)
        {
            return;
        }
        if (words.Count > 0 || commands.Count == 0)
        {
            CloseCommand();
        }
        else if (join != CommandJoin.Then)
        {
            Fail("AEGIS1133", "a command is missing at the end", at, null, "a program's name", "the end");
        }
    }

    private void ReadWord(int end)
    {
        var word = new WordReader(line, at, end);
        var next = word.Read();
        if (word.Error is not null)
        {
            Error = word.Error;
            return;
        }
        if (words.Count == 0)
        {
            CheckProgram(word);
        }
        if (++wordCount > CommandLine.WordsMax)
        {
            Fail("AEGIS1132", "the line has too many words", at, null, $"at most {CommandLine.WordsMax}");
        }
        words.Add(new CommandWord(word.Text, word.HasGlob, word.FirstIsGlob, at + 1));
        at = next;
    }

    private void CheckProgram(WordReader word)
    {
        // bash reads name[ … ] as an array's element, over blanks and operators up to its ]
        if (word.HasGlob || (word.HasBracket && word.Text != "["))
        {
            Fail("AEGIS1130", "a glob or bracket names no program", at, "write the program's name");
        }
        else if (word.Text.Length == 0)
        {
            Fail("AEGIS1133", "the program's name is empty", at, null, "a program's name");
        }
        else if (!word.IsQuoted && Reserved.Contains(word.Text))
        {
            Fail("AEGIS1130", $"{word.Text} is a word of the shell's own grammar", at,
                "put a script with it into the repository and call that");
        }
        else if (IsAssignment(word.Text))
        {
            Fail("AEGIS1130", "a variable is set before a command", at, "set it in the step's env");
        }
    }

    private static bool IsAssignment(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            return false;
        }
        var name = word.AsSpan(0, equals).TrimEnd('+');
        var bracket = name.IndexOf('[');
        name = bracket > 0 ? name[..bracket] : name;
        return !name.IsEmpty && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(NameCharacters);
    }

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private string Here() => at < line.Length ? line[at].ToString() : "the end";

    private void Fail(string code, string message, int column, string? mend, string? expected = null,
        string? got = null) =>
        Error ??= new AegisError(code, $"{message} (column {column + 1})", expected, got, mend);
}
