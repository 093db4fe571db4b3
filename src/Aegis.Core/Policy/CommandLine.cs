using Aegis.Core.Errors;
using Aegis.Core.Policy.Shell;

namespace Aegis.Core.Policy;

/// <summary>
/// Reads a command line by the shell's own grammar, so that what is judged is what will run: every simple
/// command, wherever it stands (lists, pipes, compound commands, functions, substitutions, here-documents).
/// Asking a shell to parse, or splitting at spaces and hoping, were rejected: the first runs code of the
/// line's writer, the second sees another line than the shell. What this grammar does not know is refused
/// with its column, never passed on.
/// </summary>
public static class CommandLine
{
    public const int LengthMax = 65_536;
    public const int CommandsMax = 256;
    public const int WordsMax = 4_096;

    /// <summary>Levels of compound commands, substitutions and quotes inside one another.</summary>
    public const int NestingMax = 32;

    public static CommandLineResult Parse(string line)
    {
        if (line.Length > LengthMax)
        {
            return new CommandLineResult([], [], new AegisError("AEGIS1132", "the command line is too long",
                $"at most {LengthMax} characters", $"{line.Length}",
                "put it into a script of the repository"));
        }
        var findings = new ShellFindings();
        var cursor = new ShellCursor(line, findings);
        new ShellParser(cursor).ReadAll();
        return findings.Result();
    }
}
