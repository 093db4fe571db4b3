using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <summary>The scripts of the file tools and what their exit codes mean. Values reach a script only as
/// arguments, never as its text.</summary>
internal static class FileAnswer
{
    public const int Missing = 44;
    public const int NotAFile = 45;
    public const int NotADirectory = 46;
    public const int BadPattern = 47;
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(60);

    public static ImmutableArray<string> Bash(string script, params ReadOnlySpan<string> arguments) =>
        ["bash", "-c", script, "bash", .. arguments];

    public static AegisError? ErrorOf(CommandResult result, string tool, string path)
    {
        if (result.TimedOut)
        {
            return new AegisError("AEGIS2102", $"{tool} of {path} was ended at its time limit",
                $"an end within {TimeMax.TotalSeconds:0} s", null, "name a smaller part of the workspace");
        }
        return result.ExitCode switch
        {
            0 => null,
            Missing => new AegisError("AEGIS2110", $"there is no {path}", "an existing path", null,
                "list the folder with file.list"),
            NotAFile => new AegisError("AEGIS2111", $"{path} is not a regular file", "a regular file", null,
                "name a file; folders are read with file.list"),
            NotADirectory => new AegisError("AEGIS2111", $"{path} is not a folder", "a folder", null,
                "name a folder; files are read with file.read"),
            BadPattern => new AegisError("AEGIS2113", "the pattern is not an extended regular expression",
                "a pattern as grep -E reads it", OutputText.LastLine(result),
                    "correct it, or set fixed: true"),
            _ => Failed(result, tool, path),
        };
    }

    public static AegisError Failed(CommandResult result, string tool, string path) =>
        new("AEGIS2112", $"{tool} of {path} failed", "exit code 0",
            OutputText.LastLine(result) ?? $"exit code {result.ExitCode}");
}
