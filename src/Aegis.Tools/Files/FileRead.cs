using System.ComponentModel.DataAnnotations;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <summary>How bytes are written in JSON.</summary>
public enum TextEncoding
{
    Utf8,
    Base64,
}

/// <param name="Offset">The first byte, from 0.</param>
/// <param name="Limit">How many bytes at most; 4 hold any one character.</param>
public sealed record FileReadInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path,
    [property: Range(0, 1L << 40)] long Offset = 0,
    [property: Range(4, FileRead.BytesMax)] int Limit = OutputText.BytesMax,
    TextEncoding Encoding = TextEncoding.Utf8);

/// <summary>Reads a part of a file. Text parts begin and end at whole characters.</summary>
public sealed class FileRead : Tool<FileReadInput>
{
    public const int BytesMax = 1 << 20;

    // the size goes to stderr so that stdout is the file's own bytes; head may have enough before tail has
    // written all, and what tail says of that is no size
    private const string Script = """
        [ -e "$1" ] || exit 44
        [ -f "$1" ] || exit 45
        stat -Lc %s -- "$1" >&2 && tail -c +"$(($2 + 1))" -- "$1" 2>/dev/null | head -c "$3"
        """;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public override ToolDescriptor Descriptor { get; } = new("file.read", "tools:file", ToolEffect.Pure,
        "Reads a file of the workspace, or a part of it.", UsesWorkspace: true);

    protected override AegisError? Judge(FileReadInput input) => WorkPath.Wrong(input.Path, "path");

    protected override async ValueTask<ToolResult> InvokeAsync(FileReadInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(Script, path, $"{input.Offset}", $"{input.Limit}"), Timeout: FileAnswer.TimeMax,
            Quiet: true, CaptureBytesMax: BytesMax), cancel);
        if (FileAnswer.ErrorOf(result, "file.read", path) is { } failed)
        {
            return ToolResult.Fail(failed, result.ExitCode);
        }
        return long.TryParse(result.StderrText.AsSpan().Trim(), out var total)
            ? Answer(input, path, result.Stdout.Span, total)
            : ToolResult.Fail(FileAnswer.Failed(result, "file.read", path), result.ExitCode);
    }

    private static ToolResult Answer(FileReadInput input, string path, ReadOnlySpan<byte> bytes, long total)
    {
        var offset = Math.Min(input.Offset, total);
        string text;
        if (input.Encoding == TextEncoding.Base64)
        {
            text = Convert.ToBase64String(bytes);
        }
        else
        {
            var start = offset > 0 ? LeadingPart(bytes) : 0;
            var end = offset + bytes.Length < total ? bytes.Length - TrailingPart(bytes[start..])
                : bytes.Length;
            bytes = bytes[start..end];
            offset += start;
            if (!TryDecode(bytes, out text))
            {
                return ToolResult.Fail(
                    new AegisError("AEGIS2114", $"{path} is not UTF-8 text", "UTF-8 text", null,
                    "read it with encoding: base64"));
            }
        }
        var next = offset + bytes.Length;
        return new ToolResult(true, text, ToolJson.Element(new
        {
            path = WorkPath.Relative(path),
            offset,
            bytes = bytes.Length,
            total_bytes = total,
            next_offset = next < total ? next : (long?)null,
            eof = next >= total,
        }));
    }

    private static int LeadingPart(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (count < Math.Min(3, bytes.Length) && (bytes[count] & 0xC0) == 0x80)
        {
            count++;
        }
        return count;
    }

    private static int TrailingPart(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length - 1); back++)
        {
            var b = bytes[^back];
            if ((b & 0xC0) == 0x80)
            {
                continue;
            }
            var length = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;
            return length > back ? back : 0;
        }
        return 0;
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
