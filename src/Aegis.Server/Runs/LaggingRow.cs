using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>Reads a row whose fact may be there before it: the read models follow the events by some 50 ms,
/// by more on a busy machine, and who was told the fact may ask for the row at once. Nobody waits for a row
/// whose fact is not there.</summary>
internal static class LaggingRow
{
    private static readonly TimeSpan LagMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>Null where there is neither the row nor the fact.</summary>
    /// <param name="isTold">Whether the fact is there; asked only while the row is not.</param>
    public static async ValueTask<T?> FindAsync<T>(DoorParts parts, Func<Task<T?>> read,
        Func<Task<bool>> isTold, CancellationToken cancel)
        where T : class
    {
        var from = parts.Time.GetTimestamp();
        while (true)
        {
            if (await read() is { } row)
            {
                return row;
            }
            if (parts.Time.GetElapsedTime(from) > LagMax || !await isTold())
            {
                // the row may have come between the two looks
                return await read();
            }
            await Task.Delay(Step, parts.Time, cancel);
        }
    }
}
