using System.Diagnostics;
using Aegis.Durability.Product;

namespace Aegis.Durability.Cluster;

/// <summary>A PostgreSQL of the harness's own, as safe as PostgreSQL is by default (fsync on). It is started
/// without pg_ctl, so that the postmaster is known by its process and can be killed with all that belongs to
/// it.
/// </summary>
internal sealed class PrivateCluster(string root, string binaries) : IAsyncDisposable
{
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(20);
    private readonly string data = Path.Combine(root, "data");
    private Process? postmaster;

    public string SocketDirectory { get; } = Path.Combine(root, "pg");

    public async Task CreateAsync()
    {
        Directory.CreateDirectory(SocketDirectory, (UnixFileMode)0x1C0);
        await Command.RunAsync(Path.Combine(binaries, "initdb"),
            ["-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        await StartAsync();
        await Command.RunAsync(Path.Combine(binaries, "createdb"),
            ["-h", SocketDirectory, "-U", "postgres", "-T", "template0", "aegis"]);
    }

    /// <summary>Returns when connections are accepted.</summary>
    public async Task StartAsync()
    {
        var info = new ProcessStartInfo(Path.Combine(binaries, "postgres"),
            ["-D", data, "-k", SocketDirectory, "-c", "listen_addresses=", "-c", "max_connections=100",
                "-c", "shared_buffers=64MB"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        postmaster = Process.Start(info)!;
        postmaster.OutputDataReceived += (_, _) => { };
        postmaster.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                ready.TrySetException(
                    new IOException("PostgreSQL ended: " + string.Join(" | ", said.TakeLast(5))));
            }
            else if (line.Data.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
            else
            {
                said.Add(line.Data);
            }
        };
        postmaster.BeginErrorReadLine();
        postmaster.BeginOutputReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public bool Runs => postmaster is { HasExited: false };

    /// <summary>Ends it at once, whatever state it is in.</summary>
    public void Abandon()
    {
        if (Runs)
        {
            Kill();
        }
    }

    /// <summary>SIGKILL to the postmaster and everything it started, all gone at the return.</summary>
    public void Kill()
    {
        var pid = postmaster!.Id;
        // stopped first, so that it cannot start another child between the look and the kill
        Posix.Signal(pid, Posix.Stop);
        var children = ProcessTable.DescendantsOf(pid);
        var handles = children.Select(c => Posix.Open(c.Pid)).ToList();
        Posix.Signal(pid, Posix.Kill);
        foreach (var child in children)
        {
            Posix.Signal(child.Pid, Posix.Kill);
        }
        if (!handles.TrueForAll(h => Posix.WaitEnded(h, EndWithin)) || !postmaster.WaitForExit(EndWithin))
        {
            throw new IOException("a killed PostgreSQL did not end");
        }
        postmaster.Dispose();
        postmaster = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (postmaster is { HasExited: false } running)
        {
            // a fast shutdown
            Posix.Signal(running.Id, 2);
            await running.WaitForExitAsync();
            running.Dispose();
        }
    }
}
