using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>The events of a run as every stream reads them: a page from the ledger, then a wait for news.
/// Between two pages it holds neither rows nor a connection. A stream whose key was revoked goes on for no
/// longer than a request with it would be let in.</summary>
internal sealed class EventFollower(DoorParts parts, TenancyKeys keys, string? token, string runId)
{
    private bool begun;

    public EventFollower(HttpContext http, DoorParts parts, string runId)
        : this(parts, http.ProjectKeys(), Credentials.Read(http), runId)
    {
    }

    /// <exception cref="AegisException">AEGIS6020 no such run, 6010 the key is valid no more.</exception>
    public async ValueTask<EventPage> PageAsync(int after, int limit, CancellationToken cancel)
    {
        if (begun)
        {
            await RequireKeyAsync(cancel);
        }
        begun = true;
        return await parts.Streams.PageAsync(keys, runId, after, limit, cancel)
            ?? throw new AegisException(DoorErrors.NotFound("run", runId));
    }

    public async ValueTask RequireKeyAsync(CancellationToken cancel)
    {
        if (token is null || await parts.Keys.FindAsync(token, cancel) is null)
        {
            throw new AegisException(DoorErrors.NoIdentity);
        }
    }

    /// <summary>Wakes up on news, or with false after a heartbeat, which also catches what another node has
    /// written.</summary>
    public async ValueTask<bool> NewsAsync(int after, TimeSpan patience, CancellationToken cancel)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        wait.CancelAfter(patience);
        try
        {
            await parts.RunDesk.WaitForEventsAsync(new RunId(runId), after, wait.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
