namespace Aegis.Processes;

/// <summary>Ends what an earlier server life left running, before recovery begins.</summary>
public static class OrphanReaper
{
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(10);

    /// <summary>Ends every process named in a launcher's journal that still lives, with its group, waits
    /// until it is gone, removes the journal, and answers how many there were. A journal of an earlier boot
    /// is void.</summary>
    public static async Task<int> EndRecordedAsync(string journalPath, CancellationToken cancel = default)
    {
        if (!File.Exists(journalPath))
        {
            return 0;
        }
        var recorded = Replay(await File.ReadAllLinesAsync(journalPath, cancel));
        var ended = 0;
        foreach (var record in recorded)
        {
            ended += await EndAsync(record, cancel) ? 1 : 0;
        }
        File.Delete(journalPath);
        return ended;
    }

    /// <summary>Kills one recorded process and its group, and waits until the kernel has let go of it; false
    /// where that process (the same start time) does not live.</summary>
    public static async Task<bool> EndAsync(PidRecord record, CancellationToken cancel = default)
    {
        using var pidfd = PidFd.TryOpen(record);
        if (pidfd is null)
        {
            return false;
        }
        // the group first: while its leader lives, the number can name no other group
        _ = Libc.kill(-record.Pid, Libc.SIGKILL);
        pidfd.Send(Libc.SIGKILL);
        await pidfd.WaitAsync(GoneWithin, cancel);
        await ProcessGroup.GoneAsync(record.Pid, cancel).WaitAsync(GoneWithin, cancel);
        return true;
    }

    /// <summary>Waits, without ending it, until a process is gone; at most ten seconds.</summary>
    public static async Task GoneAsync(PidRecord record, CancellationToken cancel = default)
    {
        using var pidfd = PidFd.TryOpen(record);
        if (pidfd is not null)
        {
            await pidfd.WaitAsync(GoneWithin, cancel);
        }
    }

    private static HashSet<PidRecord> Replay(string[] lines)
    {
        var live = new HashSet<PidRecord>();
        if (lines.Length == 0 || lines[0] != PidJournal.BootId())
        {
            return live;
        }
        foreach (var line in lines.Skip(1).Where(l => l.Length > 2))
        {
            // a line torn by the kill has no meaning, and neither has its process: it was not yet announced
            if (PidRecord.Parse(line[2..]) is not { } record)
            {
                continue;
            }
            _ = line[0] == '+' ? live.Add(record) : live.Remove(record);
        }
        return live;
    }
}
