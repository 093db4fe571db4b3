using System.Diagnostics;

namespace Aegis.Ledger.EventStore;

/// <summary>How long one flush has been failing: a full disk or a server that comes and goes is tried again with
/// growing waits, and given up after a minute.</summary>
internal sealed class FlushTrouble
{
    private Stopwatch? since;
    private TimeSpan wait = TimeSpan.FromMilliseconds(10);

    /// <returns>False when it has lasted too long.</returns>
    public bool Wait()
    {
        if (since is null)
        {
            since = Stopwatch.StartNew();
            return true;
        }
        using var pause = new ManualResetEventSlim();
        pause.Wait(wait);
        wait = TimeSpan.FromMilliseconds(Math.Min(wait.TotalMilliseconds * 2, 1000));
        return since.Elapsed < AppendConnection.ReconnectMax;
    }
}
