using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>An objection to certain arguments of certain programs, with lines that show what it means; a test
/// holds each rule to its lines.</summary>
/// <param name="Programs">Base names without a version: <c>python</c> is also
/// <c>/usr/bin/python3.11</c>.</param>
/// <param name="Hits">Lines that it must object to.</param>
/// <param name="Misses">Lines that it must leave alone.</param>
internal sealed record GuardRule(
    string Id,
    ImmutableArray<string> Programs,
    ArgumentMatch Match,
    string Reason,
    string? Mend,
    ImmutableArray<string> Hits,
    ImmutableArray<string> Misses,
    Decision Decision = Decision.Deny);

/// <summary>What a guard looks at: a program's name and its words.</summary>
internal sealed class GuardedCommand
{
    public GuardedCommand(SimpleCommand command)
    {
        Command = command;
        Arguments = command.Words.RemoveAt(0);
        Program = System.IO.Path.GetFileName(command.Program);
        // python3.11, clang-15, php8.2 are the programs without their versions
        ProgramUnversioned = Program.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
            '.').TrimEnd('-');
    }

    public SimpleCommand Command { get; }

    public ImmutableArray<CommandWord> Arguments { get; }

    public string Program { get; }

    public string ProgramUnversioned { get; }

    /// <summary>The first argument that is no option, options that take a value skipped with it; -1 for
    /// none.</summary>
    public int OperandAt(ImmutableArray<string> valueOptions)
    {
        for (var i = 0; i < Arguments.Length; i++)
        {
            var text = Arguments[i].Text;
            if (text.Length < 2 || text[0] != '-')
            {
                return i;
            }
            if (text == "--")
            {
                return i + 1 < Arguments.Length ? i + 1 : -1;
            }
            if (valueOptions.Contains(text))
            {
                i++;
            }
        }
        return -1;
    }
}
