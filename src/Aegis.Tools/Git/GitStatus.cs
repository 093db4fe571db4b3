using System.ComponentModel.DataAnnotations;
using System.Text;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

public sealed record GitStatusInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkTree.DefaultPath);

/// <summary>Says what differs from the last commit: a line per file, with git's two letters before its
/// path.</summary>
public sealed class GitStatus : Tool<GitStatusInput>
{
    private const string Script = "git status --porcelain=v2 --branch --untracked-files=all -z";

    public override ToolDescriptor Descriptor { get; } = new("git.status", "tools:git", ToolEffect.Pure,
        "Shows the branch, the commit and the changed files of a work tree.", UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(GitStatusInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var result = await WorkTree.RunAsync(execution, path, Script, cancel);
        if (WorkTree.ErrorOf(result, "git.status", path) is { } failed)
        {
            return ToolResult.Fail(failed, result.ExitCode);
        }
        var status = PorcelainStatus.Parse(result.StdoutText);
        var text = new StringBuilder();
        foreach (var file in status.Files)
        {
            text.Append(file.Code).Append(' ').Append(file.Path).Append('\n');
        }
        return new ToolResult(
            true, OutputText.Head(Encoding.UTF8.GetBytes(text.ToString())), ToolJson.Element(new
        {
            branch = status.Branch,
            sha = status.Sha,
            clean = status.Files.IsEmpty,
            changed = status.Files.Length,
        }));
    }
}
