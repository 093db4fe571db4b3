using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Deploy;

/// <summary>A folder of the workspace as one archive on this host, whose bytes depend on nothing but the
/// tree.</summary>
internal static class TreeArchive
{
    private const string Name = "tree.tar";

    // the same bytes for the same tree: order, times, owners and what umask left do not count
    private const string Seal = """
        cd -- "$1" 2>/dev/null || { echo "no folder $1" >&2; exit 46; }
        exec tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=a+rX,u+w,go-w \
          --format=gnu --hard-dereference --exclude-vcs -cf - .
        """;

    /// <param name="folder">Resolved.</param>
    public static async ValueTask<(string? Archive, AegisError? Error)> PackAsync(
        Execution execution, string folder, CancellationToken cancel)
    {
        var archive = Path.Combine(execution.ScratchDirectory, Name);
        var packed = await execution.SandboxAsync(
            new SandboxCommand(FileAnswer.Bash(Seal, folder), StdoutFile: archive), cancel);
        return Failure(packed, folder) is { } failed ? (null, failed)
            : TooLarge(folder, new FileInfo(archive).Length) is { } large ? (null, large) : (archive, null);
    }

    /// <summary>What is wrong with so many bytes; null for nothing.</summary>
    internal static AegisError? TooLarge(string folder, long bytes) => bytes <= DeploymentLimits.TreeBytesMax
        ? null : new AegisError("AEGIS2667", $"{folder} is too large to be a release",
            $"at most {DeploymentLimits.TreeBytesMax} bytes", $"{bytes}", "leave out what is not served");

    private static AegisError? Failure(CommandResult packed, string folder) => packed.Ok ? null
        : packed.ExitCode == FileAnswer.NotADirectory
            ? new AegisError("AEGIS2111", $"{folder} is no folder of the workspace", "a folder", "none",
                "build into it in a step before, which this step needs")
            : new AegisError("AEGIS2667", $"{folder} could not be packed", "an archive",
                OutputText.LastLine(packed), OutputText.ReadTheLog);
}
