using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <summary>Carries a branch from a work tree into the bare repository.
/// <para>The sandbox may hand out anything, so nothing of it is believed: 1. the sandbox writes a bundle of
/// what the bare repository lacks; 2. a fresh quarantine, which borrows the bare repository's objects, takes
/// the bundle (git checks no objects of a bundle before 2.46); 3. the bare repository fetches from the
/// quarantine under fsck, which also proves that nothing is missing below the commit; 4. the branch moves
/// from the value seen before to the new one, or not at all. No file of the work tree is read on the
/// host, and no hook runs.</para></summary>
internal static class BranchPush
{
    public const long BundleBytesMax = 1L << 30;
    private const int HavesMax = 1000;
    private const string Zero = "0000000000000000000000000000000000000000";
    private const string Incoming = "refs/aegis/incoming";

    private static readonly ImmutableArray<string> FetchOptions =
        ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--no-recurse-submodules"];

    // `--ignore-missing`: the repository may have commits that this work tree has never seen
    private const string BundleScript = """
        git bundle create --quiet - --ignore-missing --stdin
        """;

    public static async ValueTask<AegisError?> RunAsync(Execution execution, BareRepository bare, string path,
        BranchTarget target, bool force, CancellationToken cancel)
    {
        var old = await bare.BranchAsync(execution, target.Branch, cancel);
        if (old == target.Sha)
        {
            return null;
        }
        if (await BringAsync(execution, bare, path, target, cancel) is { } refused)
        {
            return refused;
        }
        var error = old is null || force ? null : await CheckAheadAsync(execution, bare, old, target, cancel);
        if (error is null)
        {
            var moved = await bare.GitAsync(execution, cancel, "update-ref", "-m", "aegis: push",
                $"refs/heads/{target.Branch}", target.Sha, old ?? Zero);
            error = moved.Ok ? null : await MoveFailedAsync(execution, bare, target, old, moved, cancel);
        }
        await bare.GitAsync(execution, cancel, "update-ref", "-d", IncomingRef(execution));
        return error;
    }

    private static async ValueTask<AegisError?> BringAsync(
        Execution execution, BareRepository bare, string path,
        BranchTarget target, CancellationToken cancel)
    {
        var quarantine = Path.Combine(execution.ScratchDirectory, "quarantine.git");
        var made = await execution.HostAsync(new HostCommand(HostGit.Program,
            [.. HostGit.Guards, "clone", "--quiet", "--bare", "--shared", "--template=", "--", bare.Path,
                quarantine],
            execution.ScratchDirectory, HostGit.Environment, HostGit.TimeMax), cancel);
        if (!made.Ok)
        {
            return BareRepository.Failed("clone into quarantine", made);
        }
        // what is there already needs no bundle, and git makes no empty one
        if (await bare.ResolveAsync(execution, target.Sha, cancel) is null
            && await FillAsync(execution, bare, quarantine, path, target, cancel) is { } refused)
        {
            return refused;
        }
        // fetching checks that all below the commit is there, also where the commit itself was
        var named = await HostGit.RunAsync(execution, quarantine, cancel, "update-ref", Incoming, target.Sha);
        var fetched = named.Ok
            ? await bare.GitAsync(execution, cancel, [.. HostGit.Strict, .. FetchOptions, quarantine,
                $"+{Incoming}:{IncomingRef(execution)}"])
            : named;
        return fetched.Ok ? null : Refused(fetched);
    }

    private static async ValueTask<AegisError?> FillAsync(
        Execution execution, BareRepository bare, string quarantine,
        string path, BranchTarget target, CancellationToken cancel)
    {
        var bundle = Path.Combine(execution.ScratchDirectory, "push.bundle");
        var haves = await bare.GitAsync(execution, cancel, "for-each-ref", "--sort=-committerdate",
            $"--count={HavesMax}", "--format=^%(objectname)", "refs/heads");
        if (!haves.Ok)
        {
            return BareRepository.Failed("for-each-ref", haves);
        }
        var command = WorkTree.Inside(path, BundleScript) with
        {
            Stdin = Encoding.ASCII.GetBytes($"{target.LocalRef}\n{haves.StdoutText}"),
            StdoutFile = bundle,
        };
        var bundled = await execution.SandboxAsync(command, cancel);
        if (WorkTree.ErrorOf(bundled, "git.push", path) is { } failed)
        {
            return failed;
        }
        if (new FileInfo(bundle).Length is > BundleBytesMax and var bytes)
        {
            return new AegisError(
                "AEGIS2138", "the push is too large", $"at most {BundleBytesMax} bytes packed",
                $"{bytes} bytes", "push in parts, or keep large files out of the repository");
        }
        var taken = await HostGit.RunAsync(execution, quarantine, cancel,
            [.. FetchOptions, bundle, $"+{target.LocalRef}:{Incoming}"]);
        return taken.Ok ? null : Refused(taken);
    }

    private static async ValueTask<AegisError?> CheckAheadAsync(
        Execution execution, BareRepository bare, string old,
        BranchTarget target, CancellationToken cancel)
    {
        var ancestor = await bare.GitAsync(execution, cancel, "merge-base", "--is-ancestor", old, target.Sha);
        return ancestor.ExitCode switch
        {
            0 => null,
            1 => new AegisError("AEGIS2135", $"the push of {target.Branch} is not a fast-forward",
                $"a commit on top of {old[..12]}", target.Sha[..12],
                "clone again and repeat the change on top of it, or set force: true to throw "
                + "those commits away"),
            _ => BareRepository.Failed("merge-base", ancestor),
        };
    }

    private static async ValueTask<AegisError> MoveFailedAsync(Execution execution, BareRepository bare,
        BranchTarget target, string? old, CommandResult moved, CancellationToken cancel)
    {
        var now = await bare.BranchAsync(execution, target.Branch, cancel);
        return now == old
            ? BareRepository.Failed($"update of {target.Branch}", moved)
            : new AegisError("AEGIS2136", $"{target.Branch} was moved by someone else during the push",
                old is null ? "no such branch" : old[..12], now is null ? "no such branch" : now[..12],
                "try again: the step's retry does");
    }

    private static AegisError Refused(CommandResult result) => new("AEGIS2137",
        "the repository's check refused what was pushed", "commits that git fsck takes, with all they need",
        OutputText.LastLine(result) ?? (result.TimedOut ? "the time limit" : null),
        "repair the commits (git fsck in the work tree names them)");

    // one per step of a run, so that two pushes at once do not meet, and what a crash left is taken again by
    // the next attempt
    private static string IncomingRef(Execution execution) => $"{Incoming}/" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{execution.Context.Run}.{execution.Context.StepId}"))
            .AsSpan(0, 12));
}

/// <param name="Branch">The branch of the bare repository.</param>
/// <param name="LocalRef">The work tree's ref that is pushed: a branch, or HEAD.</param>
/// <param name="Sha">The commit it points at.</param>
internal sealed record BranchTarget(string Branch, string LocalRef, string Sha);
