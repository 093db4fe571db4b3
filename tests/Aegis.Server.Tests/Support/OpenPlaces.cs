using Aegis.Server.Runs;

namespace Aegis.Server.Tests.Support;

/// <summary>Places of streams and connections: the server gives one back a moment after its client has
/// left.</summary>
internal static class OpenPlaces
{
    /// <summary>Returns once none is taken, within a minute.</summary>
    public static async Task EmptyAsync(this OpenStreams places)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (places.Count > 0)
        {
            await beat.WaitForNextTickAsync(limit.Token);
        }
    }
}
