using System.ComponentModel.DataAnnotations;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <param name="Pattern">An extended regular expression as grep -E reads it; plain text where Fixed.</param>
/// <param name="Glob">Only files whose name fits, such as <c>*.cs</c>.</param>
public sealed record FileSearchInput(
    [property: StringLength(1000, MinimumLength = 1)] string Pattern,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkPath.Root,
    [property: StringLength(200, MinimumLength = 1)] string? Glob = null,
    bool Fixed = false,
    bool IgnoreCase = false,
    [property: Range(1, FileSearch.HitsMax)] int Limit = 100);

/// <summary>Finds lines in the text files below a path; folders named .git and binary files are left
/// out.</summary>
public sealed class FileSearch : Tool<FileSearchInput>
{
    public const int HitsMax = 1000;
    private const int LineBytesMax = 400;

    // an empty file as first input tells a bad pattern (2) from unreadable files before the real search
    private const string Script = """
        export LC_ALL=C.UTF-8
        path=$1 limit=$2 width=$3; shift 3
        [ -e "$path" ] || exit 44
        grep "$@" /dev/null; [ $? -le 1 ] || exit 47
        grep -rHnIZs --exclude-dir=.git "$@" -- "$path" | head -n "$limit" | cut -b "1-$width"
        case "${PIPESTATUS[0]}" in 0|1|2|141) exit 0;; *) exit 1;; esac
        """;

    public override ToolDescriptor Descriptor { get; } = new("file.search", "tools:file", ToolEffect.Pure,
        "Finds lines in the text files of the workspace.", UsesWorkspace: true);

    protected override AegisError? Judge(FileSearchInput input) => WorkPath.Wrong(input.Path, "path");

    protected override async ValueTask<ToolResult> InvokeAsync(FileSearchInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        List<string> options = [input.Fixed ? "-F" : "-E", "-e", input.Pattern];
        if (input.IgnoreCase)
        {
            options.Add("-i");
        }
        if (input.Glob is { } glob)
        {
            options.Add($"--include={glob}");
        }
        var width = WorkPath.LengthMax + LineBytesMax;
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(Script, [path, $"{input.Limit + 1}", $"{width}", .. options]),
            Timeout: FileAnswer.TimeMax, Quiet: true, CaptureBytesMax: HitsMax * (width + 1) + (width + 1)),
                cancel);
        return FileAnswer.ErrorOf(result, "file.search", path) is { } failed
            ? ToolResult.Fail(failed, result.ExitCode)
            : Answer(input, result.StdoutText);
    }

    private static ToolResult Answer(FileSearchInput input, string raw)
    {
        var lines = raw.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var text = new StringBuilder();
        var files = new HashSet<string>();
        var (count, bytes) = (0, 0);
        foreach (var line in lines.Take(input.Limit))
        {
            var (file, rest) = line.IndexOf('\0', StringComparison.Ordinal) is var nul and > 0
                ? (WorkPath.Relative(line[..nul]), line[(nul + 1)..])
                : ("", line);
            var shown = $"{file}:{Cut(rest)}\n";
            bytes += Encoding.UTF8.GetByteCount(shown);
            if (bytes > OutputText.BytesMax)
            {
                break;
            }
            text.Append(shown);
            files.Add(file);
            count++;
        }
        return new ToolResult(true, text.ToString(), ToolJson.Element(new
        {
            count,
            files = files.Count,
            truncated = count < lines.Length,
        }));
    }

    private static string Cut(string line) => line.Length <= LineBytesMax ? line : line[..LineBytesMax] + "…";
}
