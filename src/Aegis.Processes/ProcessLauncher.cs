using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Aegis.Processes;

/// <summary>The one place where processes are started and reaped.
/// <para>Problem: a child's parent-death signal follows the <em>thread</em> that forked it, so children of
/// pool threads die when the pool shrinks; and <c>Process.Start</c> can pass neither files nor a terminal,
/// and makes no session. Rejected: a native helper (a second language to build and ship).</para>
/// <para>Way: one permanent thread starts every process with posix_spawn, waits on the pidfds of all of them,
/// and reaps. A keeper process holds a pipe of ours and kills every live group when we are
/// killed.</para></summary>
public sealed class ProcessLauncher : IDisposable
{
    /// <summary>How many processes may live at once.</summary>
    public const int LiveMax = 4096;

    private readonly ConcurrentQueue<Action> queue = new();
    private readonly Dictionary<int, LaunchedProcess> live = [];
    private readonly int liveMax;
    private readonly int wake;
    private readonly Thread thread;
    private readonly PidJournal? journal;
    private readonly GroupKeeper keeper = new();
    private volatile bool stopping;

    public ProcessLauncher()
        : this(null, LiveMax)
    {
    }

    internal ProcessLauncher(string? journalPath, int liveMax)
    {
        this.liveMax = liveMax;
        SignalState.KeepChildren();
        wake = Libc.Checked(Libc.eventfd(0, Libc.O_CLOEXEC), "eventfd");
        journal = journalPath is null ? null : new PidJournal(journalPath);
        thread = new Thread(Loop) { IsBackground = true, Name = "aegis-launcher" };
        thread.Start();
    }

    /// <summary>A launcher that writes its live pids to a file. What an earlier life left there is ended
    /// first. One launcher per file.</summary>
    public static async Task<ProcessLauncher> OpenAsync(string journalPath,
        CancellationToken cancel = default)
    {
        await OrphanReaper.EndRecordedAsync(journalPath, cancel);
        return new ProcessLauncher(journalPath, LiveMax);
    }

    /// <summary>Starts a process. Throws <see cref="ProcessStartException"/> where the kernel
    /// refuses.</summary>
    public ValueTask<LaunchedProcess> StartAsync(ProcessSpec spec, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ObjectDisposedException.ThrowIf(stopping, this);
        cancel.ThrowIfCancellationRequested();
        var started = new TaskCompletionSource<LaunchedProcess>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                started.SetResult(Start(spec));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return new ValueTask<LaunchedProcess>(started.Task);
    }

    /// <summary>Kills and reaps everything that still lives.</summary>
    public void Dispose()
    {
        if (stopping)
        {
            return;
        }
        stopping = true;
        Enqueue(() =>
        {
            foreach (var process in live.Values)
            {
                process.KillTree();
            }
        });
        thread.Join();
        keeper.Dispose();
        journal?.Dispose();
        _ = Libc.close(wake);
    }

    private LaunchedProcess Start(ProcessSpec spec)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (live.Count >= liveMax)
        {
            throw new InvalidOperationException(
                $"{liveMax} processes live already: the launcher starts no more");
        }
        var process = Spawner.Start(spec);
        live.Add(process.Pid, process);
        keeper.Started(process.Pid);
        journal?.Started(process.Record);
        return process;
    }

    private unsafe void Enqueue(Action action)
    {
        queue.Enqueue(action);
        var one = 1UL;
        _ = Libc.write(wake, &one, sizeof(ulong));
    }

    private unsafe void Loop()
    {
        var polled = new Libc.PollFd[16];
        var pids = new int[16];
        while (!stopping || live.Count > 0 || !queue.IsEmpty)
        {
            if (polled.Length < live.Count + 1)
            {
                Array.Resize(ref polled, live.Count * 2);
                Array.Resize(ref pids, live.Count * 2);
            }
            var count = 1;
            polled[0] = new Libc.PollFd { Fd = wake, Events = Libc.POLLIN };
            foreach (var (pid, process) in live)
            {
                pids[count] = pid;
                polled[count++] = new Libc.PollFd { Fd = process.PollFd, Events = Libc.POLLIN };
            }
            fixed (Libc.PollFd* fds = polled)
            {
                _ = Libc.poll(fds, (nuint)count, -1);
            }
            for (var i = 1; i < count; i++)
            {
                if (polled[i].Revents != 0)
                {
                    Reap(pids[i]);
                }
            }
            if (polled[0].Revents != 0)
            {
                ulong woken;
                _ = Libc.read(wake, &woken, sizeof(ulong));
            }
            while (queue.TryDequeue(out var action))
            {
                action();
            }
        }
    }

    private void Reap(int pid)
    {
        live.Remove(pid, out var process);
        // the number is still ours here: the keeper forgets it before the kernel can give it away
        keeper.Ended(pid);
        process!.Reap();
        journal?.Ended(process.Record);
    }
}
