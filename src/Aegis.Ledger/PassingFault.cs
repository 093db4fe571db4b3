using Npgsql;

namespace Aegis.Ledger;

/// <summary>Faults that mend themselves: a PostgreSQL that restarts, a connection that broke. A call that
/// only reads rides them out, so that a restart of the database fails no run.</summary>
public static class PassingFault
{
    public static TimeSpan LongestRide { get; } = TimeSpan.FromSeconds(30);

    public static bool Is(Exception error) => error is NpgsqlException or IOException or TimeoutException;

    /// <summary>Reads again with growing waits until it works, for at most <see
    /// cref="LongestRide"/>.</summary>
    public static async Task<T> RideOutAsync<T>(
        Func<Task<T>> read, TimeProvider time, CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        var wait = TimeSpan.FromMilliseconds(20);
        while (true)
        {
            try
            {
                return await read();
            }
            catch (Exception e) when (Is(e) && time.GetElapsedTime(since) < LongestRide)
            {
                await Task.Delay(wait, time, cancel);
                wait = TimeSpan.FromMilliseconds(Math.Min(wait.TotalMilliseconds * 2, 1000));
            }
        }
    }
}
