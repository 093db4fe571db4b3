using Aegis.Ledger;
using Aegis.Ledger.Audit;
using Npgsql;

namespace Aegis.Server.Rooms;

/// <summary>Keeps the ledger in order while the server lives: an embedded PostgreSQL that died is started again (the
/// engine waits and goes on), and a signed checkpoint is written every few minutes and at the end, outside
/// PostgreSQL, where anything has changed.</summary>
internal sealed class LedgerKeeper(LedgerDatabase ledger, string home, TimeProvider time, ILogger log) : IAsyncDisposable
{
    public static TimeSpan CheckpointEvery { get; } = TimeSpan.FromMinutes(5);

    private readonly CheckpointWriter checkpoints = new(ledger, home, time);
    private readonly CancellationTokenSource stop = new();
    private Task restarting = Task.CompletedTask;
    private Task checkpointing = Task.CompletedTask;

    public void Start()
    {
        restarting = Task.Run(RestartAsync);
        checkpointing = Task.Run(CheckpointAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(restarting, checkpointing);
        await WriteAsync(CancellationToken.None);
        checkpoints.Dispose();
        stop.Dispose();
    }

    private async Task RestartAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ledger.Lost.WaitAsync(stop.Token);
                ServerLog.DatabaseLost(log);
                await ledger.RestartAsync(stop.Token);
                ServerLog.DatabaseBack(log);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                ServerLog.DatabaseGone(log, e);
                return;
            }
        }
    }

    private async Task CheckpointAsync()
    {
        using var beat = new PeriodicTimer(CheckpointEvery, time);
        try
        {
            while (await beat.WaitForNextTickAsync(stop.Token))
            {
                await WriteAsync(stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // the last one is written by DisposeAsync
        }
    }

    private async Task WriteAsync(CancellationToken cancel)
    {
        try
        {
            await checkpoints.WriteAsync(cancel);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or Core.Errors.AegisException)
        {
            ServerLog.CheckpointFailed(log, e);
        }
    }
}
