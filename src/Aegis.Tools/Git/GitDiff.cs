using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <param name="Base">What to compare with, such as <c>origin/main</c>; default: the last commit's
/// index.</param>
/// <param name="Staged">Compares the index instead of the files.</param>
/// <param name="Paths">Only these, relative to the work tree; at most 100.</param>
public sealed record GitDiffInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkTree.DefaultPath,
    [property: StringLength(RefName.LengthMax, MinimumLength = 1)] string? Base = null,
    bool Staged = false,
    ImmutableArray<string>? Paths = null);

/// <summary>Shows a work tree's changes as a unified diff, cut at 64 KiB.</summary>
public sealed class GitDiff : Tool<GitDiffInput>
{
    public const int PathsMax = 100;

    private const string Script = """
        limit=$1; shift
        git --literal-pathspecs diff --no-ext-diff --no-textconv --no-color --numstat "$@" | awk '
          { files++; added += $1; removed += $2 }
          END { printf "%d %d %d\n", files, added, removed }' >&2 || exit 1
        git --literal-pathspecs diff --no-ext-diff --no-textconv --no-color "$@" | head -c "$limit"
        case "${PIPESTATUS[0]}" in 0|141) exit 0;; *) exit 1;; esac
        """;

    public override ToolDescriptor Descriptor { get; } = new("git.diff", "tools:git", ToolEffect.Pure,
        "Shows the changes of a work tree as a unified diff.", UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(GitDiffInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        List<string> options = [$"{OutputText.BytesMax + 1}"];
        if (input.Staged)
        {
            options.Add("--cached");
        }
        if (input.Base is { } revision)
        {
            options.Add(revision);
        }
        options.Add("--");
        options.AddRange(input.Paths ?? []);
        var result = await WorkTree.RunAsync(execution, path, Script, cancel, [.. options]);
        if (WorkTree.ErrorOf(result, "git.diff", path) is { } failed)
        {
            return ToolResult.Fail(failed, result.ExitCode);
        }
        var counts = result.StderrText.Trim().Split('\n')[^1].Split(' ');
        return new ToolResult(true, OutputText.Head(result.Stdout.Span), ToolJson.Element(new
        {
            files = Count(counts, 0),
            lines_added = Count(counts, 1),
            lines_removed = Count(counts, 2),
            truncated = result.StdoutBytes > OutputText.BytesMax,
        }));
    }

    protected override AegisError? Judge(GitDiffInput input)
    {
        if (WorkPath.Wrong(input.Path, "path") is { } wrong)
        {
            return wrong;
        }
        if (input.Base is { } revision && !RefName.IsRevision(revision))
        {
            return RefName.Refused("base", revision);
        }
        return input.Paths is { } paths && (paths.Length > PathsMax || paths.Any(p => p.Length == 0))
            ? new AegisError("AEGIS2133", $"paths must hold at most {PathsMax} non-empty paths",
                Mend: "leave paths out to see every change")
            {
                Place = new ErrorPlace("/paths"),
            }
            : null;
    }

    private static int Count(string[] counts, int index) =>
        index < counts.Length && int.TryParse(counts[index], out var value) ? value : 0;
}
