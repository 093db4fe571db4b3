using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Tools.Files;

/// <summary>Takes apart what the reading script of file.patch wrote: a size line, then that many bytes, for
/// each path in order.</summary>
internal static class PatchInput
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static (Dictionary<string, string?>? Files, AegisError? Error) Split(ReadOnlySpan<byte> bytes,
        ReadOnlySpan<string> paths)
    {
        var files = new Dictionary<string, string?>();
        foreach (var path in paths)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0 || !long.TryParse(bytes[..end], out var size) || size > bytes.Length - end - 1)
            {
                return (null, new AegisError(
                    "AEGIS2112", $"file.patch could not read {path}", "its bytes", null,
                    "try again; the file may have changed while it was read"));
            }
            bytes = bytes[(end + 1)..];
            if (size < -1)
            {
                return (null, size == -2 ? NotAFile(path) : TooLarge(path));
            }
            if (size == -1)
            {
                files[path] = null;
                continue;
            }
            try
            {
                files[path] = Strict.GetString(bytes[..(int)size]);
            }
            catch (DecoderFallbackException)
            {
                return (null, new AegisError("AEGIS2114", $"{path} is not UTF-8 text", "UTF-8 text", null,
                    "replace binary files with file.write and encoding: base64"));
            }
            bytes = bytes[(int)size..];
        }
        return (files, null);
    }

    private static AegisError NotAFile(string path) => new("AEGIS2111", $"{path} is not a regular file",
        "a regular file", null, "name a file");

    private static AegisError TooLarge(string path) => new("AEGIS2124", $"{path} is too large for file.patch",
        $"at most {FilePatch.FileBytesMax} bytes", null, "change it in a shell.exec step");
}
