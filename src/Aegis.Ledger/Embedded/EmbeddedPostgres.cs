using Aegis.Blobs;
using Aegis.Processes;
using Npgsql;

namespace Aegis.Ledger.Embedded;

/// <summary>
/// A private PostgreSQL under the home, owned by this process: started, watched, and ended with it even by
/// SIGKILL (see <see cref="HeldProcess"/>). The caller holds the home's lock, so whatever postmaster is found
/// running on the cluster is a leftover; it is ended, never adopted: an adopted one would outlive us.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(5);
    private readonly LedgerOptions _options;
    private readonly TimeProvider _time;
    private readonly ClusterDirectory _cluster;
    private readonly PostgresBinaries _binaries;
    private HeldProcess? _postmaster;
    private TaskCompletionSource _lost = new();

    private EmbeddedPostgres(LedgerOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _cluster = new ClusterDirectory(options.HomeDirectory);
        SocketDirectory = Embedded.SocketDirectory.Prepare(options);
        _binaries = PostgresBinaries.Find(options.BinDirectory, _cluster.Major());
    }

    public string SocketDirectory { get; }

    /// <summary>Completes when the postmaster ended without being asked to; replaced by each
    /// restart.</summary>
    public Task Lost => _lost.Task;

    /// <summary>The postmaster's pid, for tests and diagnosis.</summary>
    public int Pid { get; private set; }

    public static async Task<EmbeddedPostgres> StartAsync(LedgerOptions options, TimeProvider time,
        CancellationToken cancel)
    {
        if (EffectiveUser.Id == 0)
        {
            throw LedgerErrors.RunningAsRoot();
        }
        Directory.CreateDirectory(options.HomeDirectory, DurableFile.OwnerOnlyDirectory);
        var server = new EmbeddedPostgres(options, time);
        await server._cluster.MakeAsync(server._binaries, cancel);
        await server.StartAsync(cancel);
        return server;
    }

    /// <summary>The superuser's connection, for set-up only.</summary>
    public NpgsqlConnectionStringBuilder Connection(string database) => new()
    {
        Host = SocketDirectory,
        Username = ClusterDirectory.Superuser,
        Database = database,
        GssEncryptionMode = GssEncryptionMode.Disable,
    };

    /// <summary>Ends what is left of the old postmaster and starts a new one.</summary>
    public async Task RestartAsync(CancellationToken cancel)
    {
        await StopAsync();
        await StartAsync(cancel);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StartAsync(CancellationToken cancel)
    {
        await ClusterProcesses.EndAsync(_cluster.Data, _options.StopTimeout, _time, cancel);
        _cluster.RemoveStaleLocks(SocketDirectory);
        _cluster.Configure(Environment.UserName);
        _cluster.MarkLog();
        _postmaster = HeldProcess.Start(_binaries.Postgres,
            ["-D", _cluster.Data, "-c", $"unix_socket_directories={SocketDirectory}"],
            ClusterDirectory.Environment, _cluster.StartLog, HeldEnd.Interrupt);
        try
        {
            await WaitReadyAsync(_postmaster, cancel);
        }
        catch
        {
            await StopAsync();
            throw;
        }
        _lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = WatchAsync(_postmaster, _lost);
    }

    // pg_ctl waits the same way: line 8 of postmaster.pid turns to "ready" when connections are taken
    private async Task WaitReadyAsync(HeldProcess postmaster, CancellationToken cancel)
    {
        var began = _time.GetTimestamp();
        var file = Path.Combine(_cluster.Data, "postmaster.pid");
        while (_time.GetElapsedTime(began) < _options.StartTimeout)
        {
            if (postmaster.Exited.IsCompleted)
            {
                throw _cluster.Explain("start");
            }
            if (File.Exists(file) && File.ReadAllLines(file) is { Length: >= 8 } lines
                && lines[7].StartsWith("ready"))
            {
                Pid = int.Parse(lines[0]);
                return;
            }
            await Task.Delay(ReadyPoll, _time, cancel);
        }
        throw _cluster.Explain($"start within {_options.StartTimeout}");
    }

    private async Task WatchAsync(HeldProcess postmaster, TaskCompletionSource lost)
    {
        await postmaster.Exited;
        if (ReferenceEquals(_postmaster, postmaster))
        {
            lost.SetResult();
        }
    }

    private async Task StopAsync()
    {
        if (_postmaster is not { } postmaster)
        {
            return;
        }
        _postmaster = null;
        postmaster.LetGo();
        await Task.WhenAny(postmaster.Exited, Task.Delay(_options.StopTimeout, _time));
        await ClusterProcesses.EndAsync(_cluster.Data, _options.StopTimeout, _time, CancellationToken.None);
        postmaster.Dispose();
    }
}
