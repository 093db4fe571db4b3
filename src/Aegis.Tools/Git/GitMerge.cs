using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <param name="Branches">Of the run's repository at the forge, merged in this order.</param>
public sealed record GitMergeInput(
    [property: Length(1, GitMerge.BranchesMax)] ImmutableArray<string> Branches,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkTree.DefaultPath);

/// <summary>
/// Merges branches of the run's repository into a work tree, each with a commit of its own. Where one
/// conflicts it stops there and leaves the marks in the files, which is a good answer: whoever wrote them
/// mends them, <c>git.commit</c> ends that merge, and a further call takes the branches that are left.
/// </summary>
public sealed class GitMerge : Tool<GitMergeInput>
{
    public const int BranchesMax = 100;

    // a line for each branch: merged, present (its commits are there already), conflict, or left
    private const string Script = """
        git bundle unbundle <(cat) >/dev/null || exit 1
        [ ! -e "$(git rev-parse --git-dir)/MERGE_HEAD" ] || { echo 'a merge is under way' >&2; exit 48; }
        stopped=
        while [ $# -gt 1 ]; do
          name=$1 sha=$2; shift 2
          git update-ref "refs/remotes/origin/$name" "$sha" || exit 1
          if [ -n "$stopped" ]; then echo "left $name"; continue; fi
          if git merge-base --is-ancestor "$sha" HEAD; then echo "present $name"; continue; fi
          if said=$(git merge -q --no-ff --no-edit -m "Merge branch '$name'" "$sha" 2>&1); then
            echo "merged $name"
          elif [ -n "$(git ls-files -u)" ]; then
            echo "conflict $name"; stopped=1
          else
            printf '%s\n' "$said" >&2; exit 1
          fi
        done
        echo "head $(git rev-parse HEAD)"
        git -c core.quotePath=false diff --name-only --diff-filter=U
        """;

    private const int UnderWay = 48;

    public override ToolDescriptor Descriptor { get; } = new("git.merge", "tools:git", ToolEffect.Idempotent,
        "Merges branches of the run's repository into a work tree.", UsesWorkspace: true,
        Programs: [HostGit.Program]);

    protected override AegisError? Judge(GitMergeInput input) => WorkPath.Wrong(input.Path, "path")
        ?? (input.Branches.FirstOrDefault(b => !RefName.IsBranch(b)) is { } wrong
            ? RefName.Refused("branches", wrong) : null);

    protected override async ValueTask<ToolResult> InvokeAsync(GitMergeInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error)
            || BareRepository.Of(execution.Context, null, out error) is not { } bare)
        {
            return ToolResult.Fail(error!);
        }
        var heads = new List<string>();
        foreach (var branch in input.Branches.Distinct())
        {
            if (await bare.BranchAsync(execution, branch, cancel) is not { } sha)
            {
                return ToolResult.Fail(new AegisError("AEGIS2134",
                    $"the repository {bare.Name} has no branch {branch}", "a branch with a commit", null,
                    "push it first: uses: git.push"));
            }
            heads.AddRange([branch, sha]);
        }
        var file = System.IO.Path.Combine(execution.ScratchDirectory, "merge.bundle");
        var bundled = await bare.GitAsync(execution, cancel,
            ["bundle", "create", "--quiet", file,
                .. heads.Where((_, i) => i % 2 == 0).Select(b => $"refs/heads/{b}")]);
        if (!bundled.Ok)
        {
            return ToolResult.Fail(BareRepository.Failed("bundle create", bundled));
        }
        var result = await execution.SandboxAsync(
            WorkTree.Inside(path, Script, [.. heads]) with { StdinFile = file }, cancel);
        return result.ExitCode == UnderWay
            ? ToolResult.Fail(new AegisError("AEGIS2730", $"a merge is under way in {path}",
                "a work tree without one", null,
                "mend its conflicts and end it with git.commit, then merge the next"))
            : WorkTree.ErrorOf(result, "git.merge", path) is { } failed
                ? ToolResult.Fail(failed, result.ExitCode) : Answer(result.StdoutText);
    }

    private static ToolResult Answer(string said)
    {
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var words = lines.TakeWhile(l => !l.StartsWith("head ", StringComparison.Ordinal))
            .Select(l => l.Split(' ', 2)).ToList();
        string[] Of(string word) => [.. words.Where(w => w[0] == word).Select(w => w[1])];
        var conflicts = lines[(words.Count + 1)..];
        var stopped = Of("conflict").FirstOrDefault();
        return new ToolResult(true,
            stopped is null ? $"merged {words.Count} branches" : $"{stopped} conflicts in "
                + string.Join(", ", conflicts), ToolJson.Element(new
                {
                    sha = lines[words.Count]["head ".Length..],
                    merged = Of("merged"),
                    present = Of("present"),
                    conflict = stopped,
                    conflicts,
                    left = Of("left"),
                    clean = stopped is null,
                }));
    }
}
