using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <param name="Backup">What <c>outputs.backup</c> of file.patch named.</param>
public sealed record FileRestoreInput(
    [property: RegularExpression("[0-9a-f]{64}", ErrorMessage = "backup is 64 hex digits")] string Backup);

/// <summary>What was brought back, and the backup by which that is undone.</summary>
internal sealed record UndonePatch(ImmutableArray<string> Paths, string Backup);

/// <summary>Undoes exactly what one patch did, all of it or nothing.</summary>
public sealed class FileRestore : Tool<FileRestoreInput>
{
    private const string TakeScript = """
        [ -f "/work/.aegis/undo/$1" ] || exit 44; head -c "$2" -- "/work/.aegis/undo/$1"
        """;

    public override ToolDescriptor Descriptor { get; } =
        new("file.restore", "tools:file", ToolEffect.Idempotent,
        "Undoes what one file.patch did, if its files are still as it left them.", UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(FileRestoreInput input, Execution execution,
        CancellationToken cancel)
    {
        var (undone, error, exit) = await UndoAsync(input.Backup, execution, cancel);
        return undone is null ? ToolResult.Fail(error!, exit)
            : new ToolResult(true,
                string.Concat(undone.Paths.Select(p => $"restored {WorkPath.Relative(p)}\n")),
                ToolJson.Element(new { files = undone.Paths.Length, backup = undone.Backup }));
    }

    /// <summary>Undoes what one backup is of; the backup of that is in what comes back.</summary>
    internal static async ValueTask<(UndonePatch? Undone, AegisError? Error, int ExitCode)> UndoAsync(
        string name, Execution execution, CancellationToken cancel)
    {
        var (backup, error) = await TakeAsync(name, execution, cancel);
        if (backup is null)
        {
            return (null, error, 0);
        }
        foreach (var file in backup.Files)
        {
            // by the hash of its bytes it is a backup; its paths are held to the workspace all the same
            if (WorkPath.Wrong(file.Path, "backup") is { } outside)
            {
                return (null, outside, 0);
            }
        }
        (var now, error) = await PatchFiles.ReadAsync(
            "file.restore", backup.Files.Select(f => f.Path), execution, cancel);
        if (now is null)
        {
            return (null, error, 0);
        }
        var (changes, moved) = backup.Undo(now);
        if (moved is not null)
        {
            return (null, EditErrors.MovedOn(moved), 0);
        }
        var (undo, failed, exit) = await PatchFiles.WriteAsync(
            "file.restore", changes, now, execution, cancel);
        return undo is null ? (null, failed, exit) : (new([.. changes.Select(c => c.Path)], undo), null, 0);
    }

    private static async ValueTask<(PatchBackup? Backup, AegisError? Error)> TakeAsync(
        string name, Execution execution, CancellationToken cancel)
    {
        var copy = Path.Combine(execution.ScratchDirectory, "backup");
        var taken = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(TakeScript, name, $"{PatchBackup.UnpackedBytesMax}"),
            Timeout: FileAnswer.TimeMax, Quiet: true, StdoutFile: copy), cancel);
        if (taken.ExitCode == FileAnswer.Missing)
        {
            return (null, EditErrors.NoBackup(name));
        }
        if (FileAnswer.ErrorOf(taken, "file.restore", "the backup") is { } failed)
        {
            return (null, failed);
        }
        return PatchBackup.Unpack(name, await File.ReadAllBytesAsync(copy, cancel)) is { } backup
            ? (backup, null)
            : (null, EditErrors.Meddled(name));
    }
}
