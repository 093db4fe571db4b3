using System.Collections.Immutable;
using Aegis.Core;

namespace Aegis.Sandbox;

/// <summary>The workspaces of runs on this node. Each attempt writes to an upper layer of its own over the
/// sealed layers of what it needs; sealing closes that layer for ever, discarding forgets it, so a killed
/// attempt leaves nothing. Rejected: copying the tree per attempt (seconds, and gigabytes, for each
/// step).</summary>
public sealed partial class Workspaces
{
    /// <summary>Layers that one step can stand on.</summary>
    public const int LayersMax = 4_096;

    private const string LinkScript = """
        from=$1 to=$2
        shift 2
        for layer; do cp -al -- "$from/$layer" "$from/$layer.paths" "$to/" || exit 1; done
        """;

    private const string DeleteScript = """
        while [ "$1" != -- ]; do umount "$1" && rmdir "$1"; shift; done
        shift
        exec rm -rf -- "$@"
        """;

    private readonly string root;
    private readonly SandboxRunner runner;
    private readonly long layerBytesMax;

    /// <param name="root">An existing absolute folder of the server's, on a file system that can hold
    /// overlays (ext4, xfs, btrfs, tmpfs; not itself an overlay).</param>
    /// <param name="layerBytesMax">What one attempt may leave.</param>
    public Workspaces(string root, SandboxRunner runner, long layerBytesMax = 1L << 30)
    {
        if (!Path.IsPathFullyQualified(root))
        {
            throw new ArgumentException($"'{root}' is no absolute path", nameof(root));
        }
        this.root = Path.TrimEndingDirectorySeparator(root);
        this.runner = runner;
        this.layerBytesMax = layerBytesMax;
    }

    /// <summary>Opens a fresh workspace for an attempt, after ending the orphans of every earlier unsealed
    /// attempt of the step and discarding what they left. Throws the conflict of AEGIS3020 where needed
    /// layers disagree.
    /// </summary>
    /// <param name="layerIds">Sealed layers of everything the step needs, transitively, in plan
    /// order.</param>
    public async ValueTask<AttemptWorkspace> OpenAsync(string runId, ImmutableArray<string> layerIds,
        string stepId,
        int attempt, CancellationToken cancel = default)
    {
        var paths = new WorkspacePaths(root, runId);
        var id = WorkspacePaths.LayerId(stepId, attempt);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layerIds.Length, LayersMax);
        paths.Make();
        await DiscardEarlierAsync(paths, runId, stepId, id, cancel);
        var room = await runner.RoomAsync(cancel);
        var records = layerIds.Distinct().ToDictionary(l => l, l => LayerRecord.TryRead(paths.Record(l))
            ?? throw SandboxErrors.LayerMissing(l));
        var layers = layerIds.Distinct().Where(l => !records[l].Empty).ToImmutableArray();
        await new LayerConflicts(paths).CheckAsync(layers, records, room, cancel);
        var lower = await new LayerStack(paths).FoldersAsync(layers, room, cancel);
        var folder = paths.Attempt(stepId, attempt);
        runner.Uids.Give(room.Uids, paths.Run);
        var workspace = new AttemptWorkspace(runId, stepId, attempt, lower, Path.Combine(folder, "u"),
            Path.Combine(folder, "w"));
        runner.Unused.Add(workspace, layers);
        return workspace;
    }

    /// <summary>Ends what still runs over an attempt and forgets what it wrote. An unknown one is no
    /// error.</summary>
    public async ValueTask DiscardAsync(AttemptWorkspace workspace, CancellationToken cancel = default)
    {
        var folder = new WorkspacePaths(root, workspace.RunId).Attempt(workspace.StepId, workspace.Attempt);
        if (runner.Unused.TryClose(workspace) is not null || !Directory.Exists(folder))
        {
            return;
        }
        using var held = await AttemptLock.TakeAsync(folder, workspace.StepId, cancel);
        var room = await runner.RoomAsync(cancel);
        await DeleteAsync(room, await runner.Overlays.TakeBelowAsync(room, folder), [folder], cancel);
    }

    /// <summary>Ends what still runs over any open attempt of a run, and forgets what those wrote.</summary>
    public async ValueTask DiscardOpenAsync(string runId, CancellationToken cancel = default)
    {
        var attempts = new WorkspacePaths(root, runId).Attempts;
        foreach (var folder in Directory.Exists(attempts) ? Directory.GetDirectories(attempts) : [])
        {
            using var held = await AttemptLock.TakeAsync(folder, Path.GetFileName(folder), cancel);
            var room = await runner.RoomAsync(cancel);
            await DeleteAsync(room, await runner.Overlays.TakeBelowAsync(room, folder), [folder], cancel);
        }
    }

    /// <summary>Whether a layer of a run is here, whole.</summary>
    public bool Holds(string runId, string layerId) =>
        LayerRecord.TryRead(new WorkspacePaths(root, runId).Record(layerId)) is not null;

    /// <summary>Removes a sealed layer that nothing stands on any more.</summary>
    public async ValueTask DeleteLayerAsync(string runId, string layerId, CancellationToken cancel = default)
    {
        var paths = new WorkspacePaths(root, runId);
        // the record first: what is half deleted is no layer
        File.Delete(paths.Record(layerId));
        await DeleteAsync(await runner.RoomAsync(cancel), [],
            [paths.Changes(layerId), paths.Layer(layerId)], cancel);
    }

    /// <summary>The runs that have something here.</summary>
    public IReadOnlyList<string> Runs() =>
        [.. Directory.EnumerateDirectories(root).Select(folder => Path.GetFileName(folder))];

    /// <summary>Lets the server itself read what sealed layers come to together, through a mount in its own
    /// namespace that is gone afterwards. A reader follows no links in there.</summary>
    /// <param name="read">Given the folder.</param>
    public async ValueTask<T> ViewAsync<T>(string runId, ImmutableArray<string> layerIds,
        Func<string, T> read, CancellationToken cancel = default)
    {
        var paths = new WorkspacePaths(root, runId);
        paths.Make();
        var records = layerIds.Distinct().ToDictionary(l => l, l => LayerRecord.TryRead(paths.Record(l))
            ?? throw SandboxErrors.LayerMissing(l));
        var layers = layerIds.Distinct().Where(l => !records[l].Empty).ToImmutableArray();
        if (layers.Length < 2)
        {
            return read(layers.IsEmpty ? paths.Empty : paths.Layer(layers[0]));
        }
        var room = await runner.RoomAsync(cancel);
        await new LayerConflicts(paths).CheckAsync(layers, records, room, cancel);
        var lower = await new LayerStack(paths).FoldersAsync(layers, room, cancel);
        await using var view = await OverlayView.MountAsync(room, paths.Run, lower, cancel);
        return read(view.HostPath);
    }

    /// <summary>Notes when a run's files were last of use.</summary>
    public void Touch(string runId, DateTimeOffset at)
    {
        var folder = new WorkspacePaths(root, runId).Run;
        if (Directory.Exists(folder))
        {
            Directory.SetLastWriteTimeUtc(folder, at.UtcDateTime);
        }
    }

    public DateTimeOffset TouchedAt(string runId) =>
        new(Directory.GetLastWriteTimeUtc(new WorkspacePaths(root, runId).Run), TimeSpan.Zero);

    /// <summary>Gives a run the sealed layers of another one. Files are linked, not copied: a sealed layer
    /// never changes, and whichever run goes first takes nothing from the other.</summary>
    /// <returns>False where one of them is not here any more; the new run has nothing then.</returns>
    public async ValueTask<bool> LinkAsync(string fromRun, string toRun, ImmutableArray<string> layerIds,
        CancellationToken cancel = default)
    {
        var (from, to) = (new WorkspacePaths(root, fromRun), new WorkspacePaths(root, toRun));
        var records = layerIds.Select(l => LayerRecord.TryRead(from.Record(l))).ToList();
        if (records.Contains(null))
        {
            return false;
        }
        to.Make();
        try
        {
            var room = await runner.RoomAsync(cancel);
            ImmutableArray<string> full = [.. layerIds.Where((_, i) => !records[i]!.Empty)];
            await room.RunAsync(LinkScript, [from.Layers, to.Layers, .. full], null, Stream.Null, cancel);
            await runner.Uids.ShareAsync(room.Uids, from.Run, to.Run, runner.Time, cancel);
            foreach (var layer in layerIds)
            {
                File.Copy(from.Record(layer), to.Record(layer), overwrite: true);
            }
            return true;
        }
        catch
        {
            await DeleteRunAsync(toRun, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Removes everything of a run.</summary>
    public async ValueTask DeleteRunAsync(string runId, CancellationToken cancel = default)
    {
        var paths = new WorkspacePaths(root, runId);
        if (!Directory.Exists(paths.Run))
        {
            return;
        }
        var room = await runner.RoomAsync(cancel);
        foreach (var folder in Directory.Exists(paths.Attempts) ? Directory.GetDirectories(paths.Attempts)
            : [])
        {
            using var held = await AttemptLock.TakeAsync(folder, Path.GetFileName(folder), cancel);
        }
        var number = UidFile.NumberOf(paths.Run);
        await DeleteAsync(room, await runner.Overlays.TakeBelowAsync(room, paths.Run), [paths.Run], cancel);
        runner.Uids.Forget(room.Uids, paths.Run, number);
    }

    private async Task DiscardEarlierAsync(WorkspacePaths paths, string runId, string stepId, string id,
        CancellationToken cancel)
    {
        foreach (var folder in Directory.GetDirectories(paths.Attempts, stepId + ".*"))
        {
            var suffix = Path.GetFileName(folder)[(stepId.Length + 1)..];
            if (int.TryParse(suffix, System.Globalization.CultureInfo.InvariantCulture, out var attempt)
                && Path.GetFileName(folder) == $"{stepId}.{attempt}")
            {
                await DiscardAsync(new AttemptWorkspace(runId, stepId, attempt, [], Path.Combine(folder, "u"),
                    Path.Combine(folder, "w")), cancel);
            }
        }
        if (Directory.Exists(paths.Layer(id)) || File.Exists(paths.Record(id)))
        {
            // sealed, but the ledger never said so: the attempt is made again
            var room = await runner.RoomAsync(cancel);
            await DeleteAsync(room, [], [paths.Record(id), paths.Changes(id), paths.Layer(id)], cancel);
        }
    }

    private static Task DeleteAsync(UserNamespace room, ImmutableArray<string> mounted,
        ImmutableArray<string> folders,
        CancellationToken cancel) =>
        room.RunAsync(DeleteScript, [.. mounted, "--", .. folders], null, Stream.Null, cancel);
}
