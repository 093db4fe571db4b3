namespace Aegis.Processes;

/// <summary>The file that names every live process of a launcher, for <see cref="OrphanReaper"/> of a later
/// server life: a line with the boot's id, then <c>+ PID TICKS</c> and <c>- PID TICKS</c>. Written without
/// fsync: it only has to outlive the process, not the machine. Rewritten where it has grown past <see
/// cref="LinesMax"/>.</summary>
internal sealed class PidJournal : IDisposable
{
    private const int LinesMax = 4096;
    private readonly HashSet<PidRecord> live = [];
    private readonly FileStream file;
    private int lines;

    public PidJournal(string path)
    {
        file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        Rewrite();
    }

    public static string BootId() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    public void Started(PidRecord record)
    {
        live.Add(record);
        Append($"+ {record}\n");
    }

    public void Ended(PidRecord record)
    {
        if (live.Remove(record))
        {
            Append($"- {record}\n");
        }
    }

    public void Dispose() => file.Dispose();

    private void Append(string line)
    {
        if (++lines > LinesMax)
        {
            Rewrite();
            return;
        }
        file.Write(System.Text.Encoding.ASCII.GetBytes(line));
    }

    private void Rewrite()
    {
        var text = BootId() + "\n" + string.Concat(live.Select(r => $"+ {r}\n"));
        file.SetLength(0);
        file.Position = 0;
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        lines = live.Count;
    }
}
