using System.Collections.Immutable;
using System.Text;

namespace Aegis.Sandbox;

/// <summary>Finds out whether layers that meet changed the same path differently. Where one layer was written
/// over the other, it saw what it changed, and wins; layers that knew nothing of each other must
/// agree.</summary>
internal sealed class LayerConflicts(WorkspacePaths paths)
{
    private readonly Dictionary<string, Dictionary<string, LayerChange>> read = [];

    public async Task CheckAsync(ImmutableArray<string> layerIds,
        IReadOnlyDictionary<string, LayerRecord> records,
        UserNamespace room, CancellationToken cancel)
    {
        for (var later = 1; later < layerIds.Length; later++)
        {
            for (var earlier = 0; earlier < later; earlier++)
            {
                var (one, other) = (layerIds[earlier], layerIds[later]);
                // already judged where they met before: in a layer that was written over both
                if (!Knows(records, other, one) && !layerIds.Any(l => Knows(records, l, one)
                    && Knows(records, l, other)))
                {
                    await CheckPairAsync(one, other, records, room, cancel);
                }
            }
        }
    }

    private static bool Knows(IReadOnlyDictionary<string, LayerRecord> records, string layer, string other) =>
        records[layer].Lineage.Contains(other);

    private async Task CheckPairAsync(string one, string other,
        IReadOnlyDictionary<string, LayerRecord> records,
        UserNamespace room, CancellationToken cancel)
    {
        var (left, right) = (await ChangesAsync(one, cancel), await ChangesAsync(other, cancel));
        var (fewer, more) = left.Count <= right.Count ? (left, right) : (right, left);
        var sameFiles = new List<string>();
        foreach (var (path, change) in fewer.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            if (!more.TryGetValue(path, out var meets))
            {
                continue;
            }
            if (!change.MayEqual(meets))
            {
                throw Conflict(path, one, other, records);
            }
            if (change.Kind == 'f' && change.Size > 0)
            {
                sameFiles.Add(path);
            }
        }
        if (sameFiles.Count > 0
            && FirstDifference(await HashesAsync(one, sameFiles, room, cancel),
                await HashesAsync(other, sameFiles, room, cancel)) is { } differs)
        {
            throw Conflict(sameFiles[differs], one, other, records);
        }
    }

    private async ValueTask<Dictionary<string, LayerChange>> ChangesAsync(string layerId,
        CancellationToken cancel)
    {
        if (!read.TryGetValue(layerId, out var changes))
        {
            changes = await LayerChanges.ReadAsync(paths.Changes(layerId), cancel);
            read.Add(layerId, changes);
        }
        return changes;
    }

    private async Task<string[]> HashesAsync(string layerId, List<string> files, UserNamespace room,
        CancellationToken cancel)
    {
        using var names = new MemoryStream(Encoding.Latin1.GetBytes(string.Join('\0', files) + '\0'));
        using var hashes = new MemoryStream();
        await room.RunAsync("cd \"$1\" && exec xargs -0 sha256sum -z --", [paths.Layer(layerId)], names,
            hashes, cancel);
        return Encoding.Latin1.GetString(hashes.ToArray()).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    private static int? FirstDifference(string[] one, string[] other)
    {
        for (var i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i])
            {
                return i;
            }
        }
        return null;
    }

    private static Exception Conflict(string path, string one, string other,
        IReadOnlyDictionary<string, LayerRecord> records) => SandboxErrors.Conflict(
        Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(path)), records[one].StepId, records[other].StepId);
}
