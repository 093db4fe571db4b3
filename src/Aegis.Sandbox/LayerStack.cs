using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Sandbox;

/// <summary>The lower folders of an overlay: one per sealed layer, up to <see cref="FoldersMax"/>; of more,
/// the lowest are copied into one (kept, as the next steps of the run stand on the same ones).</summary>
internal sealed class LayerStack(WorkspacePaths paths)
{
    public const int FoldersMax = 32;

    private const string FlattenScript = """
        base=$1 run=$2 lower=$3 to=$4
        cd "$run" || exit 1
        rm -rf "$to.new" || exit 1
        mkdir "$to.new" && mount -t overlay -o "lowerdir=$lower,userxattr" overlay "$base/k" || exit 1
        cp -a "$base/k/." "$to.new" && mv -T "$to.new" "$to"
        """;

    public async Task<ImmutableArray<string>> FoldersAsync(ImmutableArray<string> layerIds,
        UserNamespace room,
        CancellationToken cancel)
    {
        if (layerIds.IsEmpty)
        {
            return [paths.Empty];
        }
        var folders = layerIds.Select(paths.Layer).ToList();
        while (folders.Count > FoldersMax)
        {
            var lowest = folders[..FoldersMax];
            folders.RemoveRange(0, FoldersMax);
            folders.Insert(0, await FlattenAsync(lowest, room, cancel));
        }
        return [.. folders];
    }

    private async Task<string> FlattenAsync(List<string> lowest, UserNamespace room, CancellationToken cancel)
    {
        var names = lowest.Select(f => Path.GetRelativePath(paths.Run, f)).ToArray();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', names)));
        var flat = Path.Combine(paths.Flattened, Convert.ToHexStringLower(hash.AsSpan(0, 12)));
        if (!Directory.Exists(flat))
        {
            await room.RunAsync("exec unshare --mount sh -c \"$@\"",
                [
                    FlattenScript, "sh", room.Base, paths.Run, string.Join(':', names.Reverse()),
                    Path.GetRelativePath(paths.Run, flat),
                ], null, Stream.Null, cancel);
        }
        return flat;
    }
}
