using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <param name="Repository">Another repository of the project; default: the run's.</param>
/// <param name="Path">Where the work tree goes: free, or an empty folder.</param>
/// <param name="Branch">Default: the run's branch at the run's commit.</param>
public sealed record GitCloneInput(
    [property: StringLength(64, MinimumLength = 1)] string? Repository = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkTree.DefaultPath,
    [property: StringLength(RefName.LengthMax, MinimumLength = 1)] string? Branch = null);

/// <summary>Puts a repository's work tree into the workspace. The bare repository leaves the host as a bundle
/// on stdin; in the sandbox nothing names a place on the host, and there is no remote.</summary>
public sealed class GitClone : Tool<GitCloneInput>
{
    public const long BundleBytesMax = 1L << 30;

    // unbundling reads the pack straight from stdin: no second copy of it on the workspace's disk
    private const string Script = """
        set -e
        path=$1 branch=$2 sha=$3; shift 3
        if [ -e "$path" ] || [ -L "$path" ]; then
          [ -d "$path" ] && [ -z "$(ls -A -- "$path")" ] || exit 46
        fi
        mkdir -p -- "$path"; cd -- "$path"
        git init -q --template= -b "$branch" .
        git bundle unbundle <(cat) >/dev/null
        while [ $# -gt 1 ]; do git update-ref "refs/remotes/origin/$1" "$2"; shift 2; done
        git checkout -q -B "$branch" "$sha" --
        git ls-files | wc -l
        """;

    public override ToolDescriptor Descriptor { get; } = new("git.clone", "tools:git", ToolEffect.Idempotent,
        "Clones the run's repository into the workspace, at the run's commit and on its branch.",
        UsesWorkspace: true, Programs: [HostGit.Program]);

    protected override AegisError? Judge(GitCloneInput input) => WorkPath.Wrong(input.Path, "path")
        ?? (input.Branch is { } name && !RefName.IsBranch(name) ? RefName.Refused("branch", name) : null);

    protected override async ValueTask<ToolResult> InvokeAsync(GitCloneInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error)
            || BareRepository.Of(execution.Context, input.Repository, out error) is not { } bare)
        {
            return ToolResult.Fail(error!);
        }
        var run = execution.Context.Repository!;
        var branch = input.Branch ?? (bare.Own ? run.Branch : bare.DefaultBranch);
        if (!RefName.IsBranch(branch))
        {
            return ToolResult.Fail(RefName.Refused("branch", branch));
        }
        var tip = await bare.BranchAsync(execution, branch, cancel);
        var sha = bare.Own && input.Branch is null
            ? await bare.ResolveAsync(execution, run.Sha, cancel)
            : tip;
        if (sha is null)
        {
            return ToolResult.Fail(
                new AegisError("AEGIS2134", $"the repository {bare.Name} has no branch {branch}, "
                + "or not the commit that the run was started at", "a branch with a commit", null,
                "push the branch to the forge, then start the run again"));
        }
        var heads = new List<(string Branch, string Sha)>();
        foreach (var name in (string[])[.. new HashSet<string> { branch, bare.DefaultBranch }])
        {
            if (await bare.BranchAsync(execution, name, cancel) is { } head)
            {
                heads.Add((name, head));
            }
        }
        return await CarryAsync(execution, bare, path, branch, sha, heads, cancel);
    }

    private static async ValueTask<ToolResult> CarryAsync(
        Execution execution, BareRepository bare, string path,
        string branch, string sha, List<(string Branch, string Sha)> heads, CancellationToken cancel)
    {
        var file = System.IO.Path.Combine(execution.ScratchDirectory, "clone.bundle");
        // the branch stands for a ref: a bundle must name one, and the run's commit may lie behind every
        // branch
        var bundled = await bare.GitAsync(execution, cancel,
            ["bundle", "create", "--quiet", file, .. heads.Select(h => $"refs/heads/{h.Branch}"), sha]);
        if (!bundled.Ok)
        {
            return ToolResult.Fail(BareRepository.Failed("bundle create", bundled));
        }
        if (new FileInfo(file).Length is > BundleBytesMax and var bytes)
        {
            return ToolResult.Fail(
                new AegisError("AEGIS2138", $"the repository {bare.Name} is too large to clone",
                $"at most {BundleBytesMax} bytes packed", $"{bytes} bytes"));
        }
        string[] arguments = [path, branch, sha, .. heads.SelectMany(h => (string[])[h.Branch, h.Sha])];
        var result = await execution.SandboxAsync(
            WorkTree.Command(Script, arguments) with { StdinFile = file }, cancel);
        if (WorkTree.ErrorOf(result, "git.clone", path) is { } error)
        {
            return ToolResult.Fail(error, result.ExitCode);
        }
        var relative = WorkPath.Relative(path);
        return new ToolResult(true, $"cloned {bare.Name} at {sha[..12]} on branch {branch} into {relative}",
            ToolJson.Element(new
            {
                repository = bare.Name,
                path = relative,
                branch,
                sha,
                files = int.TryParse(result.StdoutText.AsSpan().Trim(), out var files) ? files : 0,
            }));
    }
}
