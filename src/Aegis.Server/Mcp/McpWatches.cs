using System.Collections.Concurrent;
using Aegis.Core.Errors;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>The resources that a session watches; all watching ends with it.</summary>
internal sealed class McpWatches : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> watched =
        new(StringComparer.Ordinal);

    private readonly CancellationTokenSource over = new();

    /// <exception cref="AegisException">AEGIS6201 past <see cref="DoorLimits.McpWatchesMax"/>.</exception>
    public void Begin(
        string uri, Func<CancellationToken, IAsyncEnumerable<int>> changes, McpServer server)
    {
        if (watched.Count >= DoorLimits.McpWatchesMax)
        {
            throw new AegisException(McpErrors.TooManyWatches);
        }
        var stop = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        if (watched.TryAdd(uri, stop))
        {
            _ = Task.Run(() => TellAsync(uri, changes(stop.Token), server, stop.Token));
        }
        else
        {
            stop.Dispose();
        }
    }

    public void End(string uri)
    {
        if (watched.TryRemove(uri, out var stop))
        {
            stop.Cancel();
            stop.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        foreach (var uri in watched.Keys)
        {
            End(uri);
        }
        over.Dispose();
    }

    private async Task TellAsync(
        string uri, IAsyncEnumerable<int> changes, McpServer server, CancellationToken until)
    {
        try
        {
            await foreach (var _ in changes.WithCancellation(until))
            {
                await server.SendNotificationAsync(NotificationMethods.ResourceUpdatedNotification,
                    new ResourceUpdatedNotificationParams { Uri = uri }, cancellationToken: until);
            }
        }
        catch (OperationCanceledException)
        {
            // nobody watches any more
        }
        catch (AegisException)
        {
            // the key is valid no more, or what was watched is gone: there is nothing to tell
            End(uri);
        }
    }
}
