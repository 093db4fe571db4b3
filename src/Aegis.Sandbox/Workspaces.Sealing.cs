using System.Collections.Immutable;
using Aegis.Core;

namespace Aegis.Sandbox;

// How an attempt's upper layer is closed: moved away from its mount, measured, and said to be sealed once its
// bytes are on the disk.
public sealed partial class Workspaces
{
    private const string SealScript = $"""
        mounted=$1 upper=$2 attempt=$3 layer=$4
        [ -z "$mounted" ] || umount "$mounted" && cd "$upper" || exit 1
        {LayerChanges.ListScript} || exit 1
        [ -z "$mounted" ] || rmdir "$mounted"
        cd / && rm -rf "$attempt/w" || exit 1
        rmdir "$upper" 2>/dev/null || mv -T "$upper" "$layer"
        """;

    /// <summary>Closes an attempt's layer, durably. Sealing again answers the same.</summary>
    public async ValueTask<SealedLayer> SealAsync(AttemptWorkspace workspace,
        CancellationToken cancel = default)
    {
        var paths = new WorkspacePaths(root, workspace.RunId);
        var id = WorkspacePaths.LayerId(workspace.StepId, workspace.Attempt);
        var folder = paths.Attempt(workspace.StepId, workspace.Attempt);
        if (LayerRecord.TryRead(paths.Record(id)) is { } done)
        {
            return done.AsLayer();
        }
        if (runner.Unused.TryClose(workspace) is { } layers)
        {
            var empty = new LayerRecord(workspace.StepId, workspace.Attempt, true, 0, 0, layers);
            empty.Write(paths.Record(id), durably: false);
            return empty.AsLayer();
        }
        if (!Directory.Exists(folder))
        {
            throw SandboxErrors.NotOpen(workspace.StepId, workspace.Attempt);
        }
        using var held = await AttemptLock.TakeAsync(folder, workspace.StepId, cancel);
        var room = await runner.RoomAsync(cancel);
        await CloseUpperAsync(paths, workspace, room, cancel);
        var record = await MeasureAsync(paths, workspace, room, cancel);
        if (!record.Empty)
        {
            Sync(paths.Layers);
        }
        record.Write(paths.Record(id), durably: !record.Empty);
        Directory.Delete(folder, recursive: true);
        return record.AsLayer();
    }

    private async Task CloseUpperAsync(WorkspacePaths paths, AttemptWorkspace workspace, UserNamespace room,
        CancellationToken cancel)
    {
        var id = WorkspacePaths.LayerId(workspace.StepId, workspace.Attempt);
        var mounted = await runner.Overlays.TakeAsync(room, workspace);
        await using var list = File.Create(paths.Changes(id));
        if (!Directory.Exists(workspace.UpperDirectory))
        {
            if (!Directory.Exists(paths.Layer(id)))
            {
                // nothing was in it
                return;
            }
            // an earlier life moved it and died before its list was whole
            await room.RunAsync("cd \"$1\" && exec " + LayerChanges.ListScript, [paths.Layer(id)], null,
                list, cancel);
            return;
        }
        await room.RunAsync(SealScript,
            [mounted, workspace.UpperDirectory, Path.GetDirectoryName(workspace.UpperDirectory)!,
                paths.Layer(id)],
            null, list, cancel);
    }

    private async Task<LayerRecord> MeasureAsync(WorkspacePaths paths, AttemptWorkspace workspace,
        UserNamespace room,
        CancellationToken cancel)
    {
        var id = WorkspacePaths.LayerId(workspace.StepId, workspace.Attempt);
        var changes = await LayerChanges.ReadAsync(paths.Changes(id), cancel);
        var bytes = changes.Values.Where(c => c.Kind == 'f').Sum(c => c.Size);
        var lineage = Lineage(paths.Attempt(workspace.StepId, workspace.Attempt));
        if (bytes > layerBytesMax)
        {
            await DeleteAsync(room, [], [paths.Changes(id), paths.Layer(id)], cancel);
            throw SandboxErrors.WorkspaceTooLarge(bytes, layerBytesMax);
        }
        if (lineage.Length > 0 && changes.Values.Any(c => c.Kind == 'd'))
        {
            using var tar = new MemoryStream();
            await room.RunAsync(LayerChanges.OpaqueScript, [paths.Layer(id)], null, tar, cancel);
            tar.Position = 0;
            await File.AppendAllBytesAsync(paths.Changes(id), await LayerChanges.OpaqueRecordsAsync(tar,
                cancel), cancel);
        }
        if (changes.Count == 0)
        {
            File.Delete(paths.Changes(id));
        }
        return new LayerRecord(workspace.StepId, workspace.Attempt, changes.Count == 0, bytes, changes.Count,
            lineage);
    }

    private static ImmutableArray<string> Lineage(string folder) =>
        [.. File.ReadAllLines(Path.Combine(folder, "lineage"))];

    /// <summary>The layer's own bytes reach the disk before its record does.</summary>
    private static void Sync(string folder)
    {
        using var open = Libc.OpenFolder(folder);
        if (Libc.syncfs(open) != 0)
        {
            throw Libc.Failed("syncfs");
        }
    }
}
