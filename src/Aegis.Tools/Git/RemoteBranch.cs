using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <summary>A branch at the outside forge of the run's profile, reached by git on the host out of the bare
/// repository; the gate gives git the token.</summary>
internal static class RemoteBranch
{
    // git says why in words only
    private static readonly ImmutableArray<string> TokenWords =
        ["Authentication failed", "could not read Username", "error: 401", "error: 403", "Permission to"];

    private static readonly ImmutableArray<string> BehindWords = ["fetch first", "non-fast-forward"];

    /// <summary>The commit that it is at; null where there is no such branch.</summary>
    public static async ValueTask<(string? Sha, AegisError? Error)> ShaAsync(Execution execution,
        BareRepository bare, Uri remote, string branch, CancellationToken cancel)
    {
        var (listed, error) = await GitAsync(execution, bare, ["ls-remote", "--quiet", "--",
            remote.AbsoluteUri, $"refs/heads/{branch}"], cancel);
        if (listed is not { Ok: true })
        {
            return (null, error ?? Failed(remote, "tell where its branches are", listed!));
        }
        var sha = listed.StdoutText.Split('\t')[0].Trim();
        return (RefName.IsSha(sha) ? sha : null, null);
    }

    /// <summary>Moves it to a commit of the bare repository: forward alone, or with <paramref name="force"/>
    /// from the value seen before.</summary>
    public static async ValueTask<AegisError?> PushAsync(Execution execution, BareRepository bare, Uri remote,
        BranchTarget target, bool force, CancellationToken cancel)
    {
        var (old, error) = await ShaAsync(execution, bare, remote, target.Branch, cancel);
        if (error is not null || old == target.Sha)
        {
            return error;
        }
        ImmutableArray<string> lease = force
            ? ["--force", $"--force-with-lease=refs/heads/{target.Branch}:{old}"] : [];
        (var pushed, error) = await GitAsync(execution, bare, ["push", "--porcelain", "--no-verify",
            "--no-recurse-submodules", .. lease, "--", remote.AbsoluteUri,
            $"{target.Sha}:refs/heads/{target.Branch}"], cancel);
        if (pushed is not { Ok: false })
        {
            return error;
        }
        return Says(pushed, BehindWords)
            ? new AegisError("AEGIS2135",
                $"the push of {target.Branch} to {remote.Host} is not a fast-forward",
                old is null ? "no such branch" : $"a commit on top of {old[..12]}", target.Sha[..12],
                "bring those commits into the project's repository first, or set force: true to throw "
                + "them away")
            : Failed(remote, $"take {target.Branch}", pushed);
    }

    private static async ValueTask<(CommandResult? Result, AegisError? Error)> GitAsync(Execution execution,
        BareRepository bare, string[] arguments, CancellationToken cancel)
    {
        try
        {
            return (await execution.HostAsync(new HostCommand(HostGit.Program,
                HostGit.On(bare.Path, arguments), execution.ScratchDirectory, HostGit.Environment,
                HostGit.RemoteTimeMax, CaptureBytesMax: 1 << 20, ToForge: true), cancel), null);
        }
        catch (AegisException e)
        {
            return (null, e.Error);
        }
    }

    private static AegisError Failed(Uri remote, string what, CommandResult result) =>
        Says(result, TokenWords)
            ? new AegisError("AEGIS2392", $"{remote.Host} does not take the forge's token for git",
                "a token that may write the repository's contents", OutputText.LastLine(result),
                "renew the secret; docs/forge.md lists the permissions it needs")
            : new AegisError("AEGIS2399", $"the repository at {remote.Host} did not {what}", null,
                OutputText.LastLine(result)
                ?? (result.TimedOut ? "the time limit" : $"exit code {result.ExitCode}"),
                "correct forge.repository and forge.git_url, or what the forge names");

    private static bool Says(CommandResult result, ImmutableArray<string> words) => words.Any(word =>
        result.StderrText.Contains(word, StringComparison.Ordinal)
        || result.StdoutText.Contains(word, StringComparison.Ordinal));
}
