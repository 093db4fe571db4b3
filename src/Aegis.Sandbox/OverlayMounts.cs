using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Aegis.Sandbox;

/// <summary>Attempts' overlays, each mounted once in the server's namespace and shared by all commands of the
/// attempt: two mounts over one upper layer are undefined. They vanish with the namespace.</summary>
internal sealed class OverlayMounts
{
    /// <summary>The upper layer's top is given to the sandbox's uid; names are relative, as the kernel takes
    /// at most one page of options.</summary>
    private const string MountScript = """
        uid=$1 target=$2 run=$3 lower=$4 upper=$5 work=$6
        cd "$run" && chown "$uid:$uid" "$upper" && mkdir -p "$target" || exit 1
        exec mount -t overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$work,userxattr" overlay "$target"
        """;

    private readonly ConcurrentDictionary<string, Lazy<Task<Mounted>>> mounts = new(StringComparer.Ordinal);
    private int made;

    private sealed record Mounted(UserNamespace Room, string Target);

    /// <summary>Mounts where needed, and answers with the mount point.</summary>
    public async Task<string> MountAsync(UserNamespace room, AttemptWorkspace workspace, int uid,
        CancellationToken cancel)
    {
        var key = workspace.UpperDirectory;
        while (true)
        {
            var entry = mounts.GetOrAdd(key, _ => new(() => MountNowAsync(room, workspace, uid)));
            try
            {
                var mounted = await entry.Value.WaitAsync(cancel);
                if (mounted.Room == room)
                {
                    return mounted.Target;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                mounts.TryRemove(KeyValuePair.Create(key, entry));
                throw;
            }
            // the namespace it was mounted in is dead
            mounts.TryRemove(KeyValuePair.Create(key, entry));
        }
    }

    /// <summary>The mount point to unmount, which is forgotten here; empty where nothing is mounted in that
    /// room.
    /// </summary>
    public Task<string> TakeAsync(UserNamespace room, AttemptWorkspace workspace) =>
        TakeAsync(room, workspace.UpperDirectory);

    private async Task<string> TakeAsync(UserNamespace room, string upper)
    {
        if (!mounts.TryRemove(upper, out var entry))
        {
            return "";
        }
        try
        {
            var mounted = await entry.Value;
            return mounted.Room == room ? mounted.Target : "";
        }
        catch (Core.Errors.AegisException)
        {
            return "";
        }
    }

    /// <summary>The same for every attempt whose upper layer is below a folder.</summary>
    public async Task<ImmutableArray<string>> TakeBelowAsync(UserNamespace room, string folder)
    {
        var targets = ImmutableArray.CreateBuilder<string>();
        foreach (var upper in mounts.Keys.Where(k => k.StartsWith(folder + "/", StringComparison.Ordinal)))
        {
            targets.Add(await TakeAsync(room, upper));
        }
        return [.. targets.Where(t => t.Length > 0)];
    }

    private async Task<Mounted> MountNowAsync(UserNamespace room, AttemptWorkspace workspace, int uid)
    {
        var target = $"{room.Base}/w/{Interlocked.Increment(ref made)}";
        var run = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(
            workspace.UpperDirectory)))!;
        var lower = string.Join(':', workspace.LowerDirectories.Reverse().Select(d =>
            Path.GetRelativePath(run, d)));
        await room.RunAsync(MountScript,
            [
                uid.ToString(System.Globalization.CultureInfo.InvariantCulture), target, run,
                    lower,
                Path.GetRelativePath(run, workspace.UpperDirectory), Path.GetRelativePath(run,
                    workspace.WorkDirectory),
            ], null, Stream.Null, CancellationToken.None);
        return new Mounted(room, target);
    }
}
