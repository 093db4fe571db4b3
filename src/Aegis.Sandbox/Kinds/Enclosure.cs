using System.Collections.Immutable;
using Aegis.Processes;

namespace Aegis.Sandbox.Kinds;

/// <summary>What a kind changes of the plain namespace command.</summary>
internal sealed record Enclosure
{
    /// <summary>Folders that stand beside the spec's own, numbered after them.</summary>
    public ImmutableArray<RoomFolder> Folders { get; init; } = [];

    /// <summary>Where the spec's own folders stand inside; null for the places that the spec names.</summary>
    public string? MountsBelow { get; init; }

    /// <summary>Files with data, read-only inside; closed once the command was started.</summary>
    public ImmutableArray<DataFile> Data { get; init; } = [];

    /// <summary>More data, that tells of places of the room: given the room, the sandbox's uid in it and the
    /// workspace's mount point.</summary>
    public Func<UserNamespace, int, string?, ImmutableArray<DataFile>>? Content { get; init; }

    /// <summary>Devices of the host, such as <c>/dev/kvm</c>.</summary>
    public ImmutableArray<string> Devices { get; init; } = [];

    /// <summary>True where the command itself says on <see cref="SandboxCommand.StatusFile"/> how it ended,
    /// in bubblewrap's place.</summary>
    public bool SaysItsEnd { get; init; }

    /// <summary>Stands in place of bubblewrap and what is inside it, given the workspace's mount point: for
    /// a program that makes its own namespaces.</summary>
    public Func<UserNamespace, int, string?, ImmutableArray<string>>? Inner { get; init; }
}

/// <summary>A host folder in a sandbox. A writable one belongs to the sandbox's uid.</summary>
internal sealed record RoomFolder(string HostPath, string InsidePath, bool Writable = false);

/// <summary>A file of bytes that the sandbox sees.</summary>
internal sealed record DataFile(int Number, string InsidePath, byte[] Content);

/// <summary>An enclosure's data as open files.</summary>
internal sealed class DataFiles(Enclosure? enclosure, UserNamespace room, int uid, string? overlay)
    : IDisposable
{
    public ImmutableArray<InheritedFile> Inherited { get; } = enclosure is null ? []
        : [.. enclosure.Data.Concat(enclosure.Content?.Invoke(room, uid, overlay) ?? [])
            .Select(d => new InheritedFile(d.Number, Libc.MemoryFile("aegis-data", d.Content)))];

    public void Dispose()
    {
        foreach (var file in Inherited)
        {
            file.Handle.Dispose();
        }
    }
}
