namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>A folder on the disk for one machine's disks, the sandbox uid's own; beside the workspace where
/// the command has one. Its content is deleted from inside the room, where that uid's files can be.</summary>
internal sealed class ScratchFolder : IAsyncDisposable
{
    private readonly SandboxRunner runner;
    private readonly UserNamespace room;

    private ScratchFolder(SandboxRunner runner, UserNamespace room, string path) =>
        (this.runner, this.room, Path) = (runner, room, path);

    public string Path { get; }

    public static async Task<ScratchFolder> MakeAsync(SandboxRunner runner, SandboxSpec spec,
        CancellationToken cancel)
    {
        var room = await runner.RoomAsync(cancel);
        var parent = spec.Workspace is { } workspace
            ? System.IO.Path.GetDirectoryName(workspace.UpperDirectory)!
            : System.IO.Path.GetTempPath();
        var path = System.IO.Path.Combine(parent, $"aegis-vm-{System.IO.Path.GetRandomFileName()}");
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite
            | UnixFileMode.UserExecute);
        return new ScratchFolder(runner, room, path);
    }

    public async ValueTask DisposeAsync()
    {
        // a room that died took its sandboxes along: the next one can delete what they left
        var living = room.IsAlive ? room : await runner.RoomAsync(CancellationToken.None);
        await living.RunAsync("rm -rf -- \"$1\"", [Path], null, Stream.Null, CancellationToken.None);
    }
}
