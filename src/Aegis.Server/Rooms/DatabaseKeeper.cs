using Aegis.Ledger;

namespace Aegis.Server.Rooms;

/// <summary>Starts an embedded PostgreSQL again that ended unasked; the engine waits for it and goes
/// on.</summary>
internal sealed class DatabaseKeeper : IAsyncDisposable
{
    private readonly LedgerDatabase ledger;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly Task watching;

    public DatabaseKeeper(LedgerDatabase ledger, ILogger<DatabaseKeeper> log)
    {
        (this.ledger, this.log) = (ledger, log);
        watching = Task.Run(WatchAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        stop.Dispose();
    }

    private async Task WatchAsync()
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
}
