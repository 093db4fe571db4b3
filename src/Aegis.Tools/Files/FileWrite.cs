using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <param name="Content">At most 1 MiB once decoded.</param>
/// <param name="Append">Adds to the end; otherwise the file is replaced in one step.</param>
/// <param name="Executable">Sets or clears the execute bits; null leaves them.</param>
public sealed record FileWriteInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path,
    string Content,
    TextEncoding Encoding = TextEncoding.Utf8,
    bool Append = false,
    bool? Executable = null);

/// <summary>Writes a file and the folders above it.</summary>
public sealed class FileWrite : Tool<FileWriteInput>
{
    public const int BytesMax = 1 << 20;

    // a reader sees the old file or the new one: the bytes go beside it first. Exit 10: the file is new
    internal const string Script = """
        set -e
        path=$1 append=$2 mode=$3
        [ ! -d "$path" ] || exit 45
        new=0; [ -e "$path" ] || new=10
        mkdir -p -- "$(dirname -- "$path")"
        if [ "$append" = 1 ]; then
          cat >> "$path"
        else
          [ ! -L "$path" ] || path=$(readlink -m -- "$path")
          side=$(mktemp -- "$(dirname -- "$path")/.aegis-write-XXXXXXXX")
          trap 'rm -f -- "$side"' EXIT
          cat > "$side"
          if [ $new = 0 ]; then chmod --reference="$path" -- "$side"; else chmod 644 -- "$side"; fi
          mv -fT -- "$side" "$path"
        fi
        [ "$mode" = - ] || chmod "$mode" -- "$path"
        exit $new
        """;

    internal const int Created = 10;

    public override ToolDescriptor Descriptor { get; } =
        new("file.write", "tools:file", ToolEffect.Idempotent,
        "Writes a file of the workspace, making the folders above it.", UsesWorkspace: true);

    // a part that is added is judged with what stands before it, once that can be read
    public override IEnumerable<ProposedFile> Writes(JsonElement input) =>
        Bound(input) is { } write
            && WorkPath.TryResolve(write.Path, out var path, out _) && TryDecode(write, out var bytes, out _)
            ? [new ProposedFile(WorkPath.Relative(path), Encoding.UTF8.GetString(bytes))] : [];

    protected override AegisError? Judge(FileWriteInput input) =>
        WorkPath.Wrong(input.Path, "path") ?? (TryDecode(input, out _, out var error) ? null : error);

    protected override async ValueTask<ToolResult> InvokeAsync(FileWriteInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error)
            || !TryDecode(input, out var bytes, out error))
        {
            return ToolResult.Fail(error!);
        }
        if (input.Append && await WholeAgainstAsync(path, bytes, execution, cancel) is { } stopped)
        {
            return ToolResult.Fail(stopped);
        }
        var mode = input.Executable switch { null => "-", true => "a+x", false => "a-x" };
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(Script, path, input.Append ? "1" : "0", mode), Stdin: bytes,
            Timeout: FileAnswer.TimeMax, Quiet: true), cancel);
        var created = result is { ExitCode: Created, TimedOut: false };
        if (!created && FileAnswer.ErrorOf(result, "file.write", path) is { } failed)
        {
            return ToolResult.Fail(failed, result.ExitCode);
        }
        var relative = WorkPath.Relative(path);
        return new ToolResult(
            true, $"{(created ? "created" : input.Append ? "appended to" : "replaced")} {relative}",
            ToolJson.Element(new { path = relative, bytes = bytes.Length, created }));
    }

    private static async ValueTask<AegisError?> WholeAgainstAsync(
        string path, byte[] added, Execution execution, CancellationToken cancel)
    {
        var relative = WorkPath.Relative(path);
        if (!execution.Vaccines.Read(relative))
        {
            return null;
        }
        var (files, error) = await PatchFiles.ReadAsync("file.write", [path], execution, cancel);
        var before = files?.GetValueOrDefault(path)?.Text ?? "";
        return error ?? execution.Vaccines.Against(
            [new ProposedFile(relative, before + Encoding.UTF8.GetString(added), before)]);
    }

    private static bool TryDecode(FileWriteInput input, out byte[] bytes, out AegisError? error)
    {
        bytes = [];
        error = null;
        if (input.Encoding == TextEncoding.Utf8)
        {
            bytes = Encoding.UTF8.GetBytes(input.Content);
        }
        else
        {
            try
            {
                bytes = Convert.FromBase64String(input.Content);
            }
            catch (FormatException)
            {
                error = new AegisError("AEGIS2115", "content is not base64", "base64", null,
                    "encode the bytes, or leave encoding out for text")
                {
                    Place = new ErrorPlace("/content"),
                };
            }
        }
        if (bytes.Length > BytesMax)
        {
            error = new AegisError(
                "AEGIS2116", "content is too long for file.write", $"at most {BytesMax} bytes",
                $"{bytes.Length} bytes", "write it in parts with append: true")
            {
                Place = new ErrorPlace("/content"),
            };
        }
        return error is null;
    }
}
