using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Aegis.Sandbox;

/// <summary>Attempts that are open and that no command has stood over: they have no folder yet. One that is
/// made and removed costs the disk's journal three folders twice, a third of what a step costs that only
/// thinks.</summary>
internal sealed class UnusedAttempts
{
    private readonly ConcurrentDictionary<string, Unused> attempts = new(StringComparer.Ordinal);

    private sealed record Unused(ImmutableArray<string> Layers, Lazy<bool> Folder);

    public void Add(AttemptWorkspace workspace, ImmutableArray<string> layers) =>
        attempts[workspace.UpperDirectory] = new(layers, new(() => Make(workspace, layers)));

    /// <summary>Makes its folder, if that is not there yet, before a command stands over it.</summary>
    public void Use(AttemptWorkspace workspace)
    {
        if (attempts.TryGetValue(workspace.UpperDirectory, out var unused))
        {
            _ = unused.Folder.Value;
            attempts.TryRemove(workspace.UpperDirectory, out _);
        }
    }

    /// <summary>Closes it, with the layers that it was open over; null where there is a folder to be looked
    /// after.</summary>
    public ImmutableArray<string>? TryClose(AttemptWorkspace workspace) =>
        attempts.TryRemove(workspace.UpperDirectory, out var unused) && !unused.Folder.IsValueCreated
            ? unused.Layers : null;

    private static bool Make(AttemptWorkspace workspace, ImmutableArray<string> layers)
    {
        var folder = Path.GetDirectoryName(workspace.UpperDirectory)!;
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "lineage"), layers);
        Directory.CreateDirectory(workspace.WorkDirectory);
        Directory.CreateDirectory(workspace.UpperDirectory);
        return true;
    }
}
