using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>One program and its arguments, as the shell will see them.</summary>
/// <param name="Words">At least one; the first is the program.</param>
/// <param name="Join">What stands before it on the line.</param>
public sealed record SimpleCommand(ImmutableArray<CommandWord> Words, CommandJoin Join)
{
    public string Program => Words[0].Text;

    public IEnumerable<string> Argv => Words.Select(w => w.Text);

    public override string ToString() => string.Join(' ', Argv);
}

/// <summary>A word with its quotes taken off.</summary>
/// <param name="HasGlob">True where the shell will expand an unquoted <c>* ? [</c> of it to file
/// names.</param>
/// <param name="FirstIsGlob">True where that begins with its first character, so that a file's name decides
/// what the word begins with.</param>
/// <param name="Column">Where it begins on the line, from 1.</param>
public readonly record struct CommandWord(string Text, bool HasGlob, bool FirstIsGlob, int Column);

public enum CommandJoin
{
    First,

    /// <summary><c>&amp;&amp;</c></summary>
    And,

    /// <summary><c>||</c></summary>
    Or,

    /// <summary><c>;</c></summary>
    Then,

    /// <summary><c>|</c></summary>
    Pipe,
}

/// <summary>The commands of a line in order, or why the line is refused.</summary>
public sealed record CommandLineResult(ImmutableArray<SimpleCommand> Commands, AegisError? Error);
