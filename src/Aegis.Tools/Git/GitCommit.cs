using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <param name="Add">What to stage: paths, or <c>-A</c> (the default) for every change. Empty: only what is
/// staged already.</param>
public sealed record GitCommitInput(
    [property: StringLength(64 * 1024, MinimumLength = 1)] string Message,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkTree.DefaultPath,
    ImmutableArray<string>? Add = null);

/// <summary>Commits a work tree's changes. Nothing to commit is a good answer with <c>changed:
/// false</c>.</summary>
public sealed class GitCommit : Tool<GitCommitInput>
{
    public const int PathsMax = 1000;

    private const string Script = """
        if [ "$1" = all ]; then git add -A || exit 1
        else shift; [ $# = 0 ] || git --literal-pathspecs add -- "$@" || exit 1; fi
        if git rev-parse -q --verify HEAD >/dev/null; then
          git diff --cached --quiet --no-ext-diff; staged=$?
        else
          [ -z "$(git ls-files | head -n 1)" ]; staged=$?
        fi
        case $staged in
          0) echo "false $(git rev-parse -q --verify HEAD)";;
          1) git commit -q --cleanup=verbatim -F - || exit 1; echo "true $(git rev-parse HEAD)";;
          *) exit 1;;
        esac
        """;

    public override ToolDescriptor Descriptor { get; } = new("git.commit", "tools:git", ToolEffect.Idempotent,
        "Commits the changes of a work tree.", UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(GitCommitInput input, Execution execution,
        CancellationToken cancel)
    {
        var add = input.Add ?? ["-A"];
        if (!WorkPath.TryResolve(input.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        string[] arguments = add.Contains("-A") ? ["all"] : ["paths", .. add];
        var message = input.Message.EndsWith('\n') ? input.Message : input.Message + "\n";
        var command = WorkTree.Inside(
            path, Script, arguments) with { Stdin = Encoding.UTF8.GetBytes(message) };
        var result = await execution.SandboxAsync(command, cancel);
        if (WorkTree.ErrorOf(result, "git.commit", path) is { } failed)
        {
            return ToolResult.Fail(failed, result.ExitCode);
        }
        // a hook of the repository may have printed lines before ours
        var answer = result.StdoutText.Trim().Split('\n')[^1].Split(' ');
        var changed = answer[0] == "true";
        var sha = answer.Length > 1 ? answer[1] : null;
        return new ToolResult(true, changed ? $"committed {sha![..12]}" : "nothing to commit",
            ToolJson.Element(new { sha, changed }));
    }

    protected override AegisError? Judge(GitCommitInput input)
    {
        var add = input.Add ?? [];
        if (WorkPath.Wrong(input.Path, "path") is { } wrong)
        {
            return wrong;
        }
        if (string.IsNullOrWhiteSpace(input.Message))
        {
            return new AegisError(
                "AEGIS2133", "the commit message is blank", "words", null, "say what changed")
            {
                Place = new ErrorPlace("/message"),
            };
        }
        foreach (var (at, entry) in add.Index())
        {
            if (entry.Length == 0 || (entry[0] == '-' && entry != "-A"))
            {
                return new AegisError(
                    "AEGIS2133", "add holds something that is no path", "paths, or -A", entry,
                    "write ./-name for a path that begins with a dash")
                {
                    Place = new ErrorPlace($"/add/{at}"),
                };
            }
        }
        return add.Length > PathsMax
            ? new AegisError("AEGIS2133", $"add holds more than {PathsMax} paths", $"at most {PathsMax}",
                $"{add.Length}", "name their folder, or -A")
            {
                Place = new ErrorPlace("/add"),
            }
            : null;
    }
}
