using Aegis.Ledger.Audit;

namespace Aegis.Server.Rooms;

/// <summary>Signs a checkpoint every few minutes where something happened, and a last one at the stop:
/// tampering can be named up to the last checkpoint.</summary>
internal sealed class CheckpointBeat : IAsyncDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private readonly CheckpointWriter checkpoints;
    private readonly ILogger log;
    private readonly PeriodicTimer timer;
    private readonly Task beating;

    public CheckpointBeat(CheckpointWriter checkpoints, TimeProvider time, ILogger<CheckpointBeat> log)
    {
        (this.checkpoints, this.log) = (checkpoints, log);
        timer = new PeriodicTimer(Every, time);
        beating = BeatAsync();
    }

    public async ValueTask DisposeAsync()
    {
        timer.Dispose();
        await beating;
        await WriteAsync();
        checkpoints.Dispose();
    }

    private async Task BeatAsync()
    {
        while (await timer.WaitForNextTickAsync())
        {
            await WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            await checkpoints.WriteAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            ServerLog.CheckpointFailed(log, e);
        }
    }
}
