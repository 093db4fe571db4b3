namespace Aegis.Durability.Product;

/// <summary>How a task says that its act is under way, and waits there. Two FIFOs in a folder that every
/// sandbox has read-only (the package cache's mount): a FIFO may be written through a read-only mount,
/// because its bytes go to no disk. Where there are none, the task does not stop.</summary>
internal sealed class TaskGate : IDisposable
{
    private readonly string under;
    private readonly string go;
    private FileStream? releasing;

    public TaskGate(string folder, string mark, string step)
    {
        under = Path.Combine(folder, $"{mark}.{step}");
        go = under + ".go";
        Posix.MakeFifo(go);
        Posix.MakeFifo(under);
        Entered = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    /// <summary>Completes when a task stands in the gate.</summary>
    public Task Entered { get; }

    /// <summary>Lets the task that stands there go on, and every later one pass.</summary>
    public void Release()
    {
        if (releasing is not null)
        {
            return;
        }
        // opened for both, it waits for nobody; held until the end, so that a reader finds the line
        releasing = new FileStream(go, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
        releasing.Write("\n"u8);
        releasing.Flush();
        File.Delete(under);
        File.Delete(go);
    }

    public void Dispose()
    {
        if (!Entered.IsCompleted && File.Exists(under))
        {
            // nobody came: end our own waiting reader
            using var nobody = new FileStream(
                under, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
        }
        Release();
        releasing?.Dispose();
    }

    private void Read()
    {
        using var file = new FileStream(under, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
        _ = file.ReadByte();
    }
}
