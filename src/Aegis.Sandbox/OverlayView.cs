using System.Collections.Immutable;

namespace Aegis.Sandbox;

/// <summary>Sealed layers laid over one another for reading, mounted in the room and reached from outside by
/// way of the room's own root.</summary>
internal sealed class OverlayView : IAsyncDisposable
{
    private const string MountScript = """
        cd "$1" && mkdir "$3" && exec mount -t overlay -o "ro,lowerdir=$2,userxattr" overlay "$3"
        """;

    private readonly UserNamespace room;
    private readonly string target;

    private OverlayView(UserNamespace room, string target) => (this.room, this.target) = (room, target);

    /// <summary>The folder as this process sees it.</summary>
    public string HostPath => $"/proc/{room.HolderPid}/root{target}";

    public static async Task<OverlayView> MountAsync(
        UserNamespace room, string run, ImmutableArray<string> folders, CancellationToken cancel)
    {
        var target = $"{room.Base}/w/v{room.NextView()}";
        var lower = string.Join(':', folders.Reverse().Select(d => Path.GetRelativePath(run, d)));
        await room.RunAsync(MountScript, [run, lower, target], null, Stream.Null, cancel);
        return new OverlayView(room, target);
    }

    public async ValueTask DisposeAsync() => await room.RunAsync(
        "umount \"$1\" && rmdir \"$1\"", [target], null, Stream.Null, CancellationToken.None);
}
