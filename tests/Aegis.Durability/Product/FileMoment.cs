namespace Aegis.Durability.Product;

/// <summary>Completes when a file is there that nobody but the act makes: the kernel tells (inotify), and
/// each time something changes below the folder, the question is asked again.</summary>
internal sealed class FileMoment : IDisposable
{
    private readonly FileSystemWatcher watcher;
    private readonly TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<bool> isThere;

    public FileMoment(string folder, Func<bool> isThere)
    {
        this.isThere = isThere;
        watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite,
            InternalBufferSize = 64 * 1024,
        };
        watcher.Created += (_, _) => Ask();
        watcher.Changed += (_, _) => Ask();
        watcher.Renamed += (_, _) => Ask();
        watcher.EnableRaisingEvents = true;
        Ask();
    }

    public Task Seen => seen.Task;

    public void Dispose() => watcher.Dispose();

    private void Ask()
    {
        try
        {
            if (!seen.Task.IsCompleted && isThere())
            {
                seen.TrySetResult();
            }
        }
        catch (IOException)
        {
            // a folder went while it was looked at; the next change asks again
        }
    }
}
