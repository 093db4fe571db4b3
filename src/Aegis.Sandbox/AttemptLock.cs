using Aegis.Processes;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

/// <summary>Says that something may still write to an attempt. The open file, with a shared lock, is kept
/// by the process that waits for the sandbox and with which it dies (never by the command itself, which could
/// unlock it); the lock is free when the last holder is gone, however it went. Beside it stands who holds it
/// (pid and start time), so that recovery can end them.</summary>
internal sealed class AttemptLock : IDisposable
{
    private readonly string pids;

    private AttemptLock(string folder, SafeFileHandle file)
    {
        pids = System.IO.Path.Combine(folder, "pids");
        File = file;
    }

    public SafeFileHandle File { get; }

    /// <summary>The file, for a process that locks it itself.</summary>
    public string Path => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(pids)!, "lock");

    public static AttemptLock Share(AttemptWorkspace workspace)
    {
        var folder = System.IO.Path.GetDirectoryName(workspace.UpperDirectory)!;
        if (!Directory.Exists(workspace.UpperDirectory))
        {
            throw SandboxErrors.NotOpen(workspace.StepId, workspace.Attempt);
        }
        var file = Open(folder);
        if (Libc.flock(file, Libc.LockShared | Libc.LockNonBlocking) != 0)
        {
            file.Dispose();
            throw SandboxErrors.NotOpen(workspace.StepId, workspace.Attempt);
        }
        return new AttemptLock(folder, file);
    }

    public void Record(PidRecord record)
    {
        lock (PidsGate.For(pids))
        {
            System.IO.File.AppendAllText(pids, $"{record}\n");
        }
    }

    public void Forget(PidRecord record)
    {
        lock (PidsGate.For(pids))
        {
            try
            {
                var others = System.IO.File.ReadAllLines(pids).Where(l => l != record.ToString());
                System.IO.File.WriteAllLines(pids, others);
            }
            catch (IOException)
            {
                // whoever ended the command has discarded the attempt by now
            }
        }
    }

    public void Dispose() => File.Dispose();

    /// <summary>Ends whoever holds an attempt, and answers with the lock that keeps others out.</summary>
    public static async Task<SafeFileHandle> TakeAsync(string folder, string stepId, CancellationToken cancel)
    {
        var file = Open(folder);
        for (var wait = 1; Libc.flock(file, Libc.LockExclusive | Libc.LockNonBlocking) != 0; wait *= 2)
        {
            // after its holder was killed the kernel needs about a millisecond to let go
            const int waitMaxMs = 8192;
            if (wait > waitMaxMs)
            {
                file.Dispose();
                throw SandboxErrors.OrphanStays(stepId);
            }
            await EndHoldersAsync(System.IO.Path.Combine(folder, "pids"), cancel);
            await Task.Delay(wait, cancel);
        }
        return file;
    }

    private static async Task EndHoldersAsync(string pids, CancellationToken cancel)
    {
        var lines = System.IO.File.Exists(pids) ? await System.IO.File.ReadAllLinesAsync(pids, cancel) : [];
        foreach (var record in lines.Select(PidRecord.Parse).OfType<PidRecord>())
        {
            await OrphanReaper.EndAsync(record, cancel);
        }
    }

    private static SafeFileHandle Open(string folder) => Libc.OpenLockFile(System.IO.Path.Combine(folder,
        "lock"));

    /// <summary>Commands over one attempt may end at once, and each rewrites the same short file.</summary>
    private static class PidsGate
    {
        private static readonly Lock[] Stripes = [.. Enumerable.Range(0, 16).Select(_ => new Lock())];

        public static Lock For(string path) =>
            Stripes[(int)((uint)string.GetHashCode(path, StringComparison.Ordinal) % Stripes.Length)];
    }
}
