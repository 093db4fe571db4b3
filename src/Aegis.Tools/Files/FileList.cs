using System.ComponentModel.DataAnnotations;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <param name="Depth">1 lists the folder itself; 64 everything below it.</param>
/// <param name="After">Lists only what sorts after this path: the <c>next</c> of the answer before.</param>
public sealed record FileListInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkPath.Root,
    [property: Range(1, 64)] int Depth = 1,
    [property: Range(1, FileList.EntriesMax)] int Limit = 1000,
    [property: StringLength(WorkPath.LengthMax)] string? After = null);

/// <summary>Lists a folder, sorted by bytes. Folders end in <c>/</c>, symbolic links in <c>@</c>.</summary>
public sealed class FileList : Tool<FileListInput>
{
    public const int EntriesMax = 10_000;

    // what lies in .git is thousands of object files that nobody asks for
    private const string Script = """
        export LC_ALL=C; set -o pipefail
        after=$4
        past() {
          [ -n "$after" ] || { cat; return; }
          while IFS= read -r -d '' entry; do
            name=${entry#* }; name=${name#* }
            if [[ "$name" > "$after" ]]; then printf '%s\0' "$entry"; cat; return; fi
          done
        }
        [ -e "$1" ] || exit 44
        [ -d "$1" ] || exit 46
        find -H "$1" -mindepth 1 -maxdepth "$2" -printf '%y %s %P\0' -name .git -prune |
          sort -z -t ' ' -k3 | past | head -z -n "$3"
        [ "${PIPESTATUS[0]}" = 0 ] || [ "${PIPESTATUS[0]}" = 141 ]
        """;

    public override ToolDescriptor Descriptor { get; } = new("file.list", "tools:file", ToolEffect.Pure,
        "Lists a folder of the workspace.", UsesWorkspace: true);

    protected override AegisError? Judge(FileListInput input) => WorkPath.Wrong(input.Path, "path");

    protected override async ValueTask<ToolResult> InvokeAsync(FileListInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(Script, path, $"{input.Depth}", $"{input.Limit + 1}", input.After ?? ""),
            Timeout: FileAnswer.TimeMax, Quiet: true, CaptureBytesMax: 48 << 20), cancel);
        return FileAnswer.ErrorOf(result, "file.list", path) is { } failed
            ? ToolResult.Fail(failed, result.ExitCode)
            : Answer(input, path, result.StdoutText);
    }

    private static ToolResult Answer(FileListInput input, string path, string raw)
    {
        var entries = raw.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var text = new StringBuilder();
        string? last = null;
        var (count, bytes) = (0, 0);
        foreach (var entry in entries.Take(input.Limit))
        {
            var parts = entry.Split(' ', 3);
            var line = parts[0] switch
            {
                "d" => parts[2] + "/\n",
                "l" => parts[2] + "@\n",
                _ => $"{parts[2]} {parts[1]}\n",
            };
            bytes += Encoding.UTF8.GetByteCount(line);
            // whole lines only: what the gate would cut could not be asked for with `after`
            if (bytes > OutputText.BytesMax)
            {
                break;
            }
            text.Append(line);
            last = parts[2];
            count++;
        }
        var truncated = count < entries.Length;
        return new ToolResult(true, text.ToString(), ToolJson.Element(new
        {
            path = WorkPath.Relative(path),
            count,
            truncated,
            next = truncated ? last : null,
        }));
    }
}
