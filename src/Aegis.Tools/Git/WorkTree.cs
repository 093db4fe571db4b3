using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <summary>git on a work tree, which happens in the sandbox only: a repository's own config, hooks and
/// filters are code. A fixed identity; no configuration of the machine is read.</summary>
internal static class WorkTree
{
    public const string UserName = "Aegis Forge";
    public const string UserEmail = "aegis@localhost";
    public const string DefaultPath = "app";
    public const int NoDirectory = 44;
    public const int NoRepository = 45;
    public const int Occupied = 46;
    public const int NoBranch = 47;
    public static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(5);

    // every script begins in the work tree
    private const string Enter = """
        set -o pipefail
        cd -- "$1" 2>/dev/null || exit 44
        git rev-parse --git-dir >/dev/null || exit 45
        shift

        """;

    // safe.directory: an overlay's files may belong to another uid of the namespace
    private static readonly ImmutableSortedDictionary<string, string> Environment =
        ImmutableSortedDictionary.CreateRange(new Dictionary<string, string>
        {
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_EDITOR"] = "true",
            ["GIT_PAGER"] = "cat",
            ["GIT_OPTIONAL_LOCKS"] = "0",
            ["GIT_AUTHOR_NAME"] = UserName,
            ["GIT_AUTHOR_EMAIL"] = UserEmail,
            ["GIT_COMMITTER_NAME"] = UserName,
            ["GIT_COMMITTER_EMAIL"] = UserEmail,
            ["GIT_CONFIG_COUNT"] = "2",
            ["GIT_CONFIG_KEY_0"] = "safe.directory",
            ["GIT_CONFIG_VALUE_0"] = "*",
            ["GIT_CONFIG_KEY_1"] = "commit.gpgSign",
            ["GIT_CONFIG_VALUE_1"] = "false",
            ["LC_ALL"] = "C.UTF-8",
        });

    /// <summary>Runs a script inside the work tree; its arguments begin at <c>$1</c>.</summary>
    public static ValueTask<CommandResult> RunAsync(Execution execution, string path, string script,
        CancellationToken cancel, params ReadOnlySpan<string> arguments) =>
        execution.SandboxAsync(Inside(path, script, arguments), cancel);

    public static SandboxCommand Inside(string path, string script, params ReadOnlySpan<string> arguments) =>
        Command(Enter + script, [path, .. arguments]);

    public static SandboxCommand Command(string script, params ReadOnlySpan<string> arguments) =>
        new(FileAnswer.Bash(script, arguments), Env: Environment, Timeout: TimeMax, Quiet: true,
            CaptureBytesMax: 4 << 20);

    public static AegisError? ErrorOf(CommandResult result, string tool, string path)
    {
        if (result.TimedOut)
        {
            return new AegisError("AEGIS2102", $"{tool} was ended at its time limit",
                $"an end within {TimeMax.TotalMinutes:0} min");
        }
        return result.ExitCode switch
        {
            0 => null,
            NoDirectory => new AegisError(
                "AEGIS2140", $"there is no directory {path}", "a git work tree", null,
                "clone the repository first: uses: git.clone"),
            NoRepository => new AegisError("AEGIS2140", $"{path} is not a git work tree", "a git work tree",
                OutputText.LastLine(result), "clone the repository first: uses: git.clone"),
            Occupied => new AegisError("AEGIS2131", $"{path} exists and is not empty", "a free path", null,
                "name another path"),
            NoBranch => new AegisError("AEGIS2134", $"the work tree at {path} has no such branch or commit",
                "a branch with at least one commit", OutputText.LastLine(result),
                "make it with git.branch and git.commit first"),
            _ => new AegisError("AEGIS2132", $"{tool} failed", "exit code 0",
                OutputText.LastLine(result) ?? $"exit code {result.ExitCode}"),
        };
    }

    /// <summary>Where the work tree's HEAD is, and how many files differ from it.</summary>
    public static async ValueTask<(WorkTreeHead? Head, AegisError? Error)> HeadAsync(
        Execution execution, string tool,
        string path, string? branch, CancellationToken cancel)
    {
        const string script = """
            current=$(git symbolic-ref -q --short HEAD)
            if [ -n "$1" ]; then name=refs/heads/$1; else name=HEAD; fi
            sha=$(git rev-parse -q --verify "$name^{commit}") || { echo "$name" >&2; exit 47; }
            dirty=$(git status --porcelain | wc -l) || exit 1
            printf '%s\n%s\n%s\n' "$current" "$sha" "$dirty"
            """;
        var result = await RunAsync(execution, path, script, cancel, branch ?? "");
        if (ErrorOf(result, tool, path) is { } error)
        {
            return (null, error);
        }
        var lines = result.StdoutText.Split('\n');
        return lines is [var current, var sha, var dirty, ..] && RefName.IsSha(sha)
            && int.TryParse(dirty, out var count)
            ? (new WorkTreeHead(current.Length == 0 ? null : current, sha, count), null)
            : (null, new AegisError("AEGIS2132", $"{tool} could not read the work tree's HEAD"));
    }
}

/// <param name="Branch">Null where HEAD is detached.</param>
/// <param name="Sha">Of the branch that was asked for, or of HEAD.</param>
/// <param name="Dirty">Files that differ from the last commit, untracked ones included.</param>
internal sealed record WorkTreeHead(string? Branch, string Sha, int Dirty);
