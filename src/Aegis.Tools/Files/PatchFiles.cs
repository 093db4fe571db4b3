using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines;
using Aegis.Gate;
using Aegis.Tools.Files.Patching;

namespace Aegis.Tools.Files;

/// <summary>A file as a patch finds it.</summary>
/// <param name="Text">Null where there is none.</param>
/// <param name="Link">A symbolic link to a file of the workspace.</param>
internal sealed record PatchedFile(string? Text, bool Executable = false, bool Link = false);

/// <summary>Reads the files that a patch names, and writes what they become: all beside their places, then
/// renamed into them, with the backup that undoes it.</summary>
internal static class PatchFiles
{
    public const int FileBytesMax = 4 << 20;
    public const long TotalBytesMax = 32 << 20;

    // for each path a line `SIZE MODE` and then its bytes; sizes below nothing: -1 no file, -2 not a regular
    // one, -3 too large, -4 elsewhere
    private const string ReadScript = """
        max=$1; shift
        work=$(readlink -f /work)
        for path; do
          case $(readlink -m -- "$path") in "$work"|"$work"/*) ;; *) echo '-4 -'; continue ;; esac
          if [ ! -e "$path" ] && [ ! -L "$path" ]; then echo '-1 -'
          elif [ ! -f "$path" ]; then echo '-2 -'
          else
            size=$(stat -Lc %s -- "$path") || exit 1
            mode=-; [ ! -x "$path" ] || mode=x; [ ! -L "$path" ] || mode=l
            if [ "$size" -gt "$max" ]; then echo '-3 -'
            else echo "$size $mode"; head -c "$size" -- "$path" || exit 1; fi
          fi
        done
        """;

    // first the backup: its name, its bytes on stdin, how many backups stay. Then in fours: path, size of its
    // new bytes on stdin or -1 to delete, mode, file whose mode it takes
    private const string WriteScript = """
        set -e
        undo=/work/.aegis/undo backup=$1 bytes=$2 kept=$3; shift 3
        sides=() saved=; trap 'rm -f -- "${sides[@]}" $saved' EXIT
        saved=$(mktemp -- /work/.aegis-patch-XXXXXXXX)
        head -c "$bytes" > "$saved"
        all=("$@")
        while [ $# -gt 0 ]; do
          path=$1 size=$2 mode=$3 like=$4; shift 4
          if [ "$size" = -1 ]; then sides+=(""); continue; fi
          [ ! -L "$path" ] || path=$(readlink -f -- "$path")
          mkdir -p -- "$(dirname -- "$path")"
          side=$(mktemp -- "$(dirname -- "$path")/.aegis-patch-XXXXXXXX"); sides+=("$side")
          head -c "$size" > "$side"
          [ "$(stat -c %s -- "$side")" = "$size" ]
          if [ -e "$like" ]; then chmod --reference="$like" -- "$side"; else chmod 644 -- "$side"; fi
          [ "$mode" = - ] || chmod "$mode" -- "$side"
        done
        mkdir -p -- "$undo"; echo '*' > /work/.aegis/.gitignore
        mv -fT -- "$saved" "$undo/$backup"
        ls -t -- "$undo" | tail -n "+$((kept + 1))" | while read -r old; do rm -f -- "$undo/$old"; done
        set -- "${all[@]}"
        for side in "${sides[@]}"; do
          path=$1 size=$2; shift 4
          if [ "$size" = -1 ]; then rm -f -- "$path"; continue; fi
          [ ! -L "$path" ] || path=$(readlink -f -- "$path")
          mv -fT -- "$side" "$path"
        done
        """;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static async ValueTask<(Dictionary<string, PatchedFile>? Files, AegisError? Error)> ReadAsync(
        string tool, IEnumerable<string> named, Execution execution, CancellationToken cancel)
    {
        string[] paths = [.. named.Distinct()];
        // the bytes themselves, not a redacted view: what is read here is written back
        var copy = Path.Combine(execution.ScratchDirectory, "patch-input");
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(ReadScript, [$"{FileBytesMax}", .. paths]), Timeout: FileAnswer.TimeMax,
            Quiet: true, StdoutFile: copy), cancel);
        if (FileAnswer.ErrorOf(result, tool, "the patch's files") is { } failed)
        {
            return (null, failed);
        }
        if (new FileInfo(copy).Length > TotalBytesMax)
        {
            return (null, new AegisError("AEGIS2124", "the files that the patch names are too large together",
                $"at most {TotalBytesMax} bytes", null, "split the patch"));
        }
        return Split(await File.ReadAllBytesAsync(copy, cancel), paths);
    }

    /// <summary>What was learned from failures may forbid what a file would become.</summary>
    public static AegisError? Against(ImmutableArray<FileChange> changes,
        Dictionary<string, PatchedFile> before, Execution execution) =>
        execution.Vaccines.Against(changes.Where(c => c.Content is not null)
            .Select(c => new ProposedFile(WorkPath.Relative(c.Path), c.Content!,
                before.GetValueOrDefault(c.Path)?.Text ?? before.GetValueOrDefault(c.ModeFrom)?.Text)));

    /// <summary>Writes the changes; the name of the backup that undoes them.</summary>
    public static async ValueTask<(string? Backup, AegisError? Error, int ExitCode)> WriteAsync(string tool,
        ImmutableArray<FileChange> changes, Dictionary<string, PatchedFile> before, Execution execution,
        CancellationToken cancel)
    {
        var (backup, saved) = PatchBackup.Of(changes, before).Pack();
        List<string> arguments = [backup, $"{saved.Length}", $"{PatchBackup.KeptMax}"];
        using var bytes = new MemoryStream();
        bytes.Write(saved);
        foreach (var change in changes)
        {
            var content = change.Content is null ? null : Encoding.UTF8.GetBytes(change.Content);
            var mode = change.Executable switch { null => "-", true => "a+x", false => "a-x" };
            arguments.AddRange([change.Path, $"{content?.Length ?? -1}", mode, change.ModeFrom]);
            bytes.Write(content);
        }
        var result = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(WriteScript, [.. arguments]),
            Stdin: bytes.GetBuffer().AsMemory(0, (int)bytes.Length),
            Timeout: FileAnswer.TimeMax, Quiet: true), cancel);
        return FileAnswer.ErrorOf(result, tool, "the patch's files") is { } failed
            ? (null, failed, result.ExitCode)
            : (backup, null, 0);
    }

    private static (Dictionary<string, PatchedFile>? Files, AegisError? Error) Split(ReadOnlySpan<byte> bytes,
        ReadOnlySpan<string> paths)
    {
        var files = new Dictionary<string, PatchedFile>();
        foreach (var path in paths)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 2 || !long.TryParse(bytes[..(end - 2)], out var size) || size > bytes.Length - end - 1)
            {
                return (null, new AegisError(
                    "AEGIS2112", $"file.patch could not read {path}", "its bytes", null,
                    "try again; the file may have changed while it was read"));
            }
            var mode = (char)bytes[end - 1];
            bytes = bytes[(end + 1)..];
            if (size < -1)
            {
                return (null, size == -2 ? NotAFile(path) : size == -3 ? TooLarge(path)
                    : EditErrors.Elsewhere(path));
            }
            if (size == -1)
            {
                files[path] = new PatchedFile(null);
                continue;
            }
            try
            {
                files[path] = new PatchedFile(Strict.GetString(bytes[..(int)size]), mode == 'x', mode == 'l');
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
        $"at most {FileBytesMax} bytes", null, "change it in a shell.exec step");
}
