using Aegis.Engine.Calls;
using Aegis.Gate;
using Aegis.Server.Rooms;

namespace Aegis.Server.Mcp;

/// <summary>Where the calls of a session, or of a key without sessions, are recorded: opened with the first
/// of them, so that a client which only lists leaves nothing in the ledger.</summary>
internal sealed class McpCalls(DoorParts parts, Principal by, SessionRequest request)
{
    private readonly SemaphoreSlim opening = new(1);
    private volatile CallSession? session;

    public ValueTask<CallSession> OpenAsync(CancellationToken cancel) =>
        session is { } open ? ValueTask.FromResult(open) : FirstAsync(cancel);

    public void End() => session?.End();

    private async ValueTask<CallSession> FirstAsync(CancellationToken cancel)
    {
        await opening.WaitAsync(cancel);
        try
        {
            return session ??= await parts.CallDesk.OpenAsync(by, request, cancel);
        }
        finally
        {
            opening.Release();
        }
    }
}
