using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Files;

/// <param name="Backup">What <c>outputs.backup</c> of file.patch named.</param>
public sealed record FileRestoreInput(
    [property: RegularExpression("[0-9a-f]{64}", ErrorMessage = "backup is 64 hex digits")] string Backup);

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
        var (backup, error) = await TakeAsync(input.Backup, execution, cancel);
        if (backup is null)
        {
            return ToolResult.Fail(error!);
        }
        foreach (var file in backup.Files)
        {
            // by the hash of its bytes it is ours; its paths are held to the workspace all the same
            if (WorkPath.Wrong(file.Path, "backup") is { } outside)
            {
                return ToolResult.Fail(outside);
            }
        }
        (var now, error) = await PatchFiles.ReadAsync(
            Descriptor.Name, backup.Files.Select(f => f.Path), execution, cancel);
        if (now is null)
        {
            return ToolResult.Fail(error!);
        }
        var (changes, moved) = backup.Undo(now);
        if (moved is not null)
        {
            return ToolResult.Fail(EditErrors.MovedOn(moved));
        }
        var (undo, failed, exit) = await PatchFiles.WriteAsync(
            Descriptor.Name, changes, now, execution, cancel);
        return failed is not null ? ToolResult.Fail(failed, exit)
            : new ToolResult(true,
                string.Concat(changes.Select(c => $"restored {WorkPath.Relative(c.Path)}\n")),
                ToolJson.Element(new { files = changes.Length, backup = undo }));
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
