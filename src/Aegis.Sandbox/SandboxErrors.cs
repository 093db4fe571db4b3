using System.Text.RegularExpressions;
using Aegis.Core.Errors;

namespace Aegis.Sandbox;

/// <summary>Every error of this room; meanings are in contracts/errors/sandbox.yaml.</summary>
internal static partial class SandboxErrors
{
    public static AegisException MissingProgram(string program, string package) => new(new AegisError(
        "AEGIS3001", $"the sandbox needs the program {program}", "it on the PATH", "none",
        $"Install it: apt-get install {package}"));

    public static AegisException NoUserNamespace(string got, string mend) => new(new AegisError(
        "AEGIS3002", "this machine lets the server make no user namespace", "an unprivileged user namespace",
        Scrub(got), mend));

    public static AegisException WallMissing(string wall, string expected, string got, string mend) => new(
        new AegisError("AEGIS3003", $"the wall '{wall}' is required and missing: the command was not started",
            expected, Scrub(got), mend));

    public static AegisException RunsAsRoot() => new(new AegisError("AEGIS3004",
        "sandboxes are not started by root: the command would keep root's host uid", "an ordinary user",
            "uid 0",
        "Start the server through ./aegis, which makes a system user, or as a person"));

    public static AegisException SetUpFailed(string got) => new(new AegisError("AEGIS3005",
        "the sandbox could not be set up, and the command was not started", "every mount and limit in place",
        Scrub(got), "See docs/sandbox.md, 'When it does not start'"));

    public static AegisException BadSpec(string what, string expected, string got) => new(new AegisError(
        "AEGIS3006", $"the sandbox spec's {what} is not usable", expected, got));

    public static AegisException StdoutTooLarge(long bytesMax) => new(new AegisError("AEGIS3007",
        "the command's output file grew past its limit; the command was ended", $"at most {bytesMax} bytes"));

    public static AegisException Conflict(string path, string oneStep, string otherStep) =>
        new(new AegisError(
        "AEGIS3020", $"WorkspaceConflict: steps '{oneStep}' and '{otherStep}' changed {path} differently",
        "one of them to need the other, or the same result", path,
        "Let one step need the other, or merge their work in git"));

    public static AegisException LayerMissing(string layerId) => new(new AegisError("AEGIS3021",
        "a workspace layer that this step needs is not on this node", $"layer {layerId}", "none",
        "Run the step on the node that holds the run's workspace"));

    public static AegisException WorkspaceTooLarge(long bytes, long bytesMax) =>
        new(new AegisError("AEGIS3022",
        "the step left more in its workspace than its limit", $"at most {bytesMax} bytes", $"{bytes} bytes",
        "Delete what is not needed before the step ends, or raise the workspace limit"));

    public static AegisException OrphanStays(string stepId) => new(new AegisError("AEGIS3023",
        $"a process of an earlier attempt of step '{stepId}' does not end", "its lock to be free",
            "it is held",
        "Find the process that holds the attempt's lock file and end it"));

    public static AegisException NotOpen(string stepId, int attempt) => new(new AegisError("AEGIS3024",
        $"the workspace of step '{stepId}', attempt {attempt} is not open", "an open attempt",
        "a discarded or unknown one"));

    /// <summary>Takes host paths out of a program's message, as it may reach a client.</summary>
    internal static string Scrub(string text)
    {
        var line = text.Trim().Split('\n')[^1];
        line = PathPattern().Replace(line, "<path>");
        return line.Length <= 300 ? line : line[..300];
    }

    [GeneratedRegex(@"/[^\s:'""]+")]
    private static partial Regex PathPattern();
}
