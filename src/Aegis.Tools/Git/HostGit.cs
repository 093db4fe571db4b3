using System.Collections.Immutable;
using Aegis.Gate;

namespace Aegis.Tools.Git;

/// <summary>How git is started on the host: only on bare repositories that the forge made, never on a
/// workspace. No configuration but the repository's own is read, no hook runs, and nothing but local files is
/// reached, unless the gate opens the way to the run's outside forge.</summary>
public static class HostGit
{
    public const string Program = "git";
    public static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(2);

    /// <summary>Of a call to an outside forge; as long as its own doors give a push.</summary>
    public static readonly TimeSpan RemoteTimeMax = TimeSpan.FromMinutes(30);

    public static ImmutableSortedDictionary<string, string> Environment { get; } =
        ImmutableSortedDictionary.CreateRange(new Dictionary<string, string>
        {
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ALLOW_PROTOCOL"] = "file",
            ["GIT_NO_REPLACE_OBJECTS"] = "1",
            ["GIT_AUTHOR_NAME"] = WorkTree.UserName,
            ["GIT_AUTHOR_EMAIL"] = WorkTree.UserEmail,
            ["GIT_COMMITTER_NAME"] = WorkTree.UserName,
            ["GIT_COMMITTER_EMAIL"] = WorkTree.UserEmail,
            ["HOME"] = "/nonexistent",
            ["LC_ALL"] = "C.UTF-8",
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        });

    /// <summary>The arguments of a command on a bare repository.</summary>
    public static ImmutableArray<string> On(string gitDirectory, params ReadOnlySpan<string> arguments) =>
        [.. Guards, "--git-dir", gitDirectory, .. arguments];

    /// <summary>Arguments that come before every command. Config on the command line wins over the
    /// repository's.</summary>
    public static ImmutableArray<string> Guards { get; } =
    [
        "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.attributesFile=/dev/null",
        "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.filesRefLockTimeout=2000",
        "-c", "protocol.allow=never", "-c", "protocol.file.allow=always",
        "-c", "fetch.unpackLimit=1", "-c", "pack.threads=1",
    ];

    /// <summary>Settings under which a fetch checks every object, git's warnings included, but for two slips
    /// of old clients that many honest histories hold.</summary>
    public static ImmutableArray<string> Strict { get; } =
    [
        "-c", "fetch.fsckObjects=true", "-c", "fetch.fsck.zeroPaddedFilemode=ignore",
        "-c", "fetch.fsck.missingSpaceBeforeDate=ignore",
    ];

    internal static ValueTask<CommandResult> RunAsync(Execution execution, string gitDirectory,
        CancellationToken cancel, params ReadOnlySpan<string> arguments) =>
        execution.HostAsync(new HostCommand(Program, On(gitDirectory, arguments), execution.ScratchDirectory,
            Environment, TimeMax, CaptureBytesMax: 4 << 20), cancel);
}
