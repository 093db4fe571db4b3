namespace Aegis.Processes;

/// <summary>A process that the launcher started, in a session and process group of its own. When it ends,
/// what is left of its group is killed and it is reaped; nobody has to wait for it to avoid a
/// zombie.</summary>
public sealed class LaunchedProcess : IAsyncDisposable
{
    private readonly Lock reaping = new();
    private readonly TaskCompletionSource<ProcessExit> exited =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly PidFd pidfd;
    private bool reaped;

    internal LaunchedProcess(PidRecord record, PidFd pidfd, Stream? stdin, Stream? stdout, Stream? stderr,
        Pty? pty)
    {
        Record = record;
        this.pidfd = pidfd;
        Terminal = pty;
        Stdin = pty?.Input ?? stdin ?? Stream.Null;
        Stdout = pty?.Output ?? stdout ?? Stream.Null;
        Stderr = stderr ?? Stream.Null;
    }

    public PidRecord Record { get; }

    public int Pid => Record.Pid;

    public long StartTicks => Record.StartTicks;

    /// <summary>Dispose it to send the end of file (with a terminal, write EOT instead).</summary>
    public Stream Stdin { get; }

    public Stream Stdout { get; }

    /// <summary>Empty with a terminal.</summary>
    public Stream Stderr { get; }

    /// <summary>Null where the process has pipes.</summary>
    public Pty? Terminal { get; }

    /// <summary>Completes after the process was reaped and its group killed. Output may still be
    /// unread.</summary>
    public Task<ProcessExit> Exited => exited.Task;

    internal int PollFd => pidfd.Fd;

    /// <summary>Signals the process itself; false where it has ended.</summary>
    public bool Signal(int signal)
    {
        lock (reaping)
        {
            return !reaped && pidfd.Send(signal);
        }
    }

    /// <summary>Kills the whole group at once (the kernel lets no member fork away in between).</summary>
    public void KillTree()
    {
        lock (reaping)
        {
            // not after reaping: only an unreaped leader keeps the number from naming another group
            if (!reaped)
            {
                KillGroup();
            }
        }
    }

    /// <summary>Completes when no member of the process group is left, not even a dying one.</summary>
    public async Task GroupGoneAsync(CancellationToken cancel = default)
    {
        await Exited.WaitAsync(cancel);
        await ProcessGroup.GoneAsync(Pid, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        KillTree();
        await exited.Task;
        await Stdin.DisposeAsync();
        await Stdout.DisposeAsync();
        await Stderr.DisposeAsync();
        Terminal?.Dispose();
    }

    /// <summary>Reaps, on the launcher's thread, after the pidfd said that the process has ended.</summary>
    internal unsafe void Reap()
    {
        int status = 0, answer;
        lock (reaping)
        {
            KillGroup();
            do
            {
                answer = Libc.waitpid(Pid, &status, 0);
            }
            while (answer < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Libc.EINTR);
            reaped = true;
            pidfd.Dispose();
        }
        var signal = status & 0x7f;
        exited.TrySetResult(answer < 0
            ? new ProcessExit(255, null)
            : signal == 0 ? new ProcessExit((status >> 8) & 0xff, null) : new ProcessExit(null, signal));
    }

    private void KillGroup() => _ = Libc.kill(-Pid, Libc.SIGKILL);
}
