using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <param name="Checkout">Switches the work tree to it, too.</param>
/// <param name="Start">Where a new branch begins; default: HEAD.</param>
public sealed record GitBranchInput(
    [property: StringLength(RefName.LengthMax, MinimumLength = 1)] string Name,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkTree.DefaultPath,
    bool Checkout = true,
    [property: StringLength(RefName.LengthMax, MinimumLength = 1)] string? Start = null);

/// <summary>Makes a branch, or takes the one of that name, and switches to it.</summary>
public sealed class GitBranch : Tool<GitBranchInput>
{
    private const string Script = """
        name=$1 checkout=$2 start=$3
        made=false
        if ! git show-ref -q --verify "refs/heads/$name"; then
          git rev-parse -q --verify "$start^{commit}" >/dev/null || { echo "$start" >&2; exit 47; }
          git branch --no-track -- "$name" "$start" || exit 1
          made=true
        fi
        [ "$checkout" = 0 ] || git checkout -q "$name" -- || exit 1
        printf '%s %s\n' "$made" "$(git rev-parse "refs/heads/$name")"
        """;

    public override ToolDescriptor Descriptor { get; } = new("git.branch", "tools:git", ToolEffect.Idempotent,
        "Makes a branch in a work tree and switches to it.", UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(GitBranchInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var result = await WorkTree.RunAsync(
            execution, path, Script, cancel, input.Name, input.Checkout ? "1" : "0",
            input.Start ?? "HEAD");
        if (WorkTree.ErrorOf(result, "git.branch", path) is { } failed)
        {
            return ToolResult.Fail(failed, result.ExitCode);
        }
        var answer = result.StdoutText.Trim().Split(' ');
        return new ToolResult(true, input.Name, ToolJson.Element(new
        {
            branch = input.Name,
            sha = answer[^1],
            created = answer[0] == "true",
        }));
    }

    protected override AegisError? Judge(GitBranchInput input)
    {
        if (WorkPath.Wrong(input.Path, "path") is { } wrong)
        {
            return wrong;
        }
        if (!RefName.IsBranch(input.Name))
        {
            return RefName.Refused("name", input.Name);
        }
        return input.Start is { } start && !RefName.IsRevision(start) ? RefName.Refused("start", start)
            : null;
    }
}
