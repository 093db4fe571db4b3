using Aegis.Ledger;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Schedules;

/// <summary>Work that is done again and again: a turn, then a wait until it is woken or until the turn said.
/// A fault ends a turn, never the beat.</summary>
internal sealed class Beat : IAsyncDisposable
{
    /// <summary>The longest wait where nothing is known to be due: another node may have made work.</summary>
    public static TimeSpan IdleMax { get; } = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource stop = new();
    private readonly Task beating;

    /// <param name="turn">Returns how long nothing is due; null for <see cref="IdleMax"/>.</param>
    public Beat(string name, Func<CancellationToken, Task<TimeSpan?>> turn, WakeSignal wake,
        TimeProvider time,
        ILogger log, TimeSpan? idle = null) =>
        beating = Task.Run(() => BeatAsync(name, turn, wake, time, log, idle ?? IdleMax));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await beating;
        stop.Dispose();
    }

    private async Task BeatAsync(string name, Func<CancellationToken, Task<TimeSpan?>> turn, WakeSignal wake,
        TimeProvider time, ILogger log, TimeSpan idle)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var wait = await turn(stop.Token) ?? idle;
                await wake.WaitAsync(wait < idle ? wait : idle, time, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                TriggerLog.TurnBroke(log, name, PassingFault.Is(e) ? "it is tried again" : "unexpectedly", e);
                await PauseAsync(time);
            }
        }
    }

    private async Task PauseAsync(TimeProvider time)
    {
        try
        {
            await Task.Delay(AfterFault, time, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // the loop ends by itself
        }
    }
}
