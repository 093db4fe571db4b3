using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>One program and its arguments, as the shell will see them, with what is set and redirected for
/// it.</summary>
/// <param name="Words">The first is the program; none where a line only sets variables or
/// redirects.</param>
/// <param name="CallsFunction">The program is a function that the line itself has certainly defined, whose
/// body is judged on its own.</param>
public sealed record SimpleCommand(ImmutableArray<CommandWord> Words, CommandJoin Join,
    ImmutableArray<ShellAssignment> Assignments, ImmutableArray<ShellRedirection> Redirections,
    bool CallsFunction = false)
{
    public string Program => Words.Length == 0 ? "" : Words[0].Text;

    public IEnumerable<string> Argv => Words.Select(w => w.Text);

    public override string ToString() => string.Join(' ',
        Assignments.Select(a => $"{a.Name}=…").Concat(Argv)
            .Concat(Redirections.Select(r => r.Operator + r.Target.Text)));
}

/// <summary>A word with its quotes taken off; what the shell puts in stands as it was written.</summary>
/// <param name="HasGlob">True where the shell will expand an unquoted <c>* ? [</c> of it to file
/// names.</param>
/// <param name="FirstIsGlob">True where that begins with its first character, so that a file's name decides
/// what the word begins with.</param>
/// <param name="Column">Where it begins on the line, from 1.</param>
/// <param name="Open">What of it is only known when it runs.</param>
public readonly record struct CommandWord(string Text, bool HasGlob, bool FirstIsGlob, int Column,
    WordOpening Open = WordOpening.None)
{
    public bool IsOpen => Open != WordOpening.None;

    /// <summary>It may turn out to be an option, or several words.</summary>
    public bool MayBeOption => (Open & (WordOpening.AtStart | WordOpening.Splits)) != 0
        || (IsOpen && Text.StartsWith('-'));
}

/// <summary>What is unknown of a word until it runs.</summary>
[Flags]
public enum WordOpening
{
    None = 0,

    /// <summary>A part of it is put in by the shell: a variable, a command's output.</summary>
    Part = 1,

    /// <summary>That part decides what the word begins with.</summary>
    AtStart = 2,

    /// <summary>It may become several words, or none.</summary>
    Splits = 4,
}

/// <summary>A variable that a line sets, for one command or for what follows.</summary>
public readonly record struct ShellAssignment(string Name, int Column);

/// <summary>A redirection to a file; copies of descriptors and here-documents are none.</summary>
/// <param name="Operator">As written, such as <c>&gt;&gt;</c>.</param>
public readonly record struct ShellRedirection(string Operator, CommandWord Target)
{
    public bool Writes => Operator.Contains('>', StringComparison.Ordinal);
}

/// <summary>A construct that runs or evaluates what nobody can see on the line.</summary>
public sealed record ShellHazard(string Rule, int Column, string Reason, string? Mend);

public enum CommandJoin
{
    First,

    /// <summary><c>&amp;&amp;</c></summary>
    And,

    /// <summary><c>||</c></summary>
    Or,

    /// <summary><c>;</c>, a line break, or the beginning of a part of a compound command.</summary>
    Then,

    /// <summary><c>|</c></summary>
    Pipe,

    /// <summary>Inside a substitution of the command before or around it.</summary>
    Within,
}

/// <summary>The commands of a line in the order in which they stand, or why the line is refused.</summary>
public sealed record CommandLineResult(ImmutableArray<SimpleCommand> Commands,
    ImmutableArray<ShellHazard> Hazards, AegisError? Error);
