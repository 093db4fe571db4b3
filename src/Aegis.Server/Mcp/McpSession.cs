using Aegis.Gate;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>One client's session of the versions with a handshake: its transport, and the protocol's server
/// behind it. Only the key that opened it may use it.</summary>
internal sealed class McpSession : IAsyncDisposable
{
    private readonly CancellationTokenSource closed = new();
    private readonly McpServer server;
    private readonly TimeProvider time;
    private readonly Task running;
    private long usedAt;
    private int users;
    private int gone;
    private int listening;

    public McpSession(string id, McpCaller opener, StreamableHttpServerTransport transport, McpServer server,
        TimeProvider time)
    {
        (Id, Opener, Transport) = (id, opener, transport);
        (this.server, this.time) = (server, time);
        usedAt = time.GetTimestamp();
        running = server.RunAsync(closed.Token);
    }

    public string Id { get; }

    public McpCaller Opener { get; }

    public StreamableHttpServerTransport Transport { get; }

    /// <summary>What it takes of the server's room, given back with it.</summary>
    public IDisposable? Place { get; set; }

    public CancellationToken Closed => closed.Token;

    public bool IsOf(Principal principal) =>
        Opener.Principal.Actor == principal.Actor && Opener.Principal.Tenancy == principal.Tenancy;

    public bool IsIdle(TimeSpan limit) =>
        Volatile.Read(ref users) == 0 && time.GetElapsedTime(Interlocked.Read(ref usedAt)) >= limit;

    /// <summary>One stream of what the server says unasked; false while there is one.</summary>
    public bool BeginListening() => Interlocked.Exchange(ref listening, 1) == 0;

    public void Enter() => Interlocked.Increment(ref users);

    public void Leave()
    {
        Interlocked.Exchange(ref usedAt, time.GetTimestamp());
        Interlocked.Decrement(ref users);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref gone, 1) != 0)
        {
            return;
        }
        // the transport first: it ends the stream of messages in order
        await Transport.DisposeAsync();
        await closed.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // that is how it ends
        }
        await server.DisposeAsync();
        Opener.Calls.End();
        Place?.Dispose();
        await (Opener.Watches?.DisposeAsync() ?? ValueTask.CompletedTask);
        closed.Dispose();
    }
}
