using System.Collections.Immutable;
using System.Net.Sockets;
using Aegis.Core.Runs;

namespace Aegis.Sandbox.Egress;

// The problem: a sandbox has no network, and some of its commands need some hosts. Rejected: a filter of
// packets (it sees addresses, not names, and needs root), and a resolver inside (a name is a message to
// whoever serves it). So everything goes through one HTTP proxy on the host's side, which decides by name,
// looks the name up itself, and connects to the address that it judged.

/// <summary>The proxy of one sandboxed command.</summary>
public sealed class EgressProxy : IAsyncDisposable
{
    private readonly Socket listener;
    private readonly ProxyParts parts;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int serving;

    // the accepting itself counts as one
    private int open = 1;

    /// <param name="listener">Listening already; the proxy closes it.</param>
    public EgressProxy(Socket listener, ProxyNetwork network, EgressOptions options)
        : this(listener, network, options, null)
    {
    }

    internal EgressProxy(Socket listener, ProxyNetwork network, EgressOptions options,
        CommandAuthority? authority)
    {
        this.listener = listener;
        parts = new ProxyParts(network, options, authority);
        _ = AcceptAsync();
    }

    /// <summary>Everything that was asked so far, allowed or not.</summary>
    public ImmutableArray<EgressFact> Facts => parts.Tally.Facts;

    /// <summary>Cuts every connection. When this returns, none is left, and <see cref="Facts"/> is
    /// whole.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }
        await stop.CancelAsync();
        listener.Dispose();
        await gone.Task;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await parts.Requests.TakeAsync(1, stop.Token);
                var client = await listener.AcceptAsync(stop.Token);
                var count = Interlocked.Increment(ref serving);
                Interlocked.Increment(ref open);
                _ = ServeAsync(client, count);
            }
        }
        catch (Exception e) when (ProxyConnection.IsEnd(e))
        {
            // the command is over, or its port is gone with it
        }
        finally
        {
            Leave();
        }
    }

    private async Task ServeAsync(Socket client, int count)
    {
        try
        {
            // answers of the proxy's own are short-lived, and bounded as well
            if (count <= parts.Limits.Connections * 2)
            {
                await using var stream = new NetworkStream(client, ownsSocket: false);
                var connection = new ProxyConnection(parts, stream);
                await (count <= parts.Limits.Connections ? connection.ServeAsync(stop.Token)
                    : connection.RefuseAsync(EgressErrors.TooManyConnections(parts.Limits.Connections),
                        stop.Token));
            }
        }
        catch (Exception e) when (ProxyConnection.IsEnd(e))
        {
            // either side has gone
        }
        finally
        {
            client.Dispose();
            Interlocked.Decrement(ref serving);
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref open) == 0)
        {
            gone.SetResult();
        }
    }
}
