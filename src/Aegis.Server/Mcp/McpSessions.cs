using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Mcp;

/// <summary>The open sessions of a server, bounded in number and in idleness. All end with the
/// server.</summary>
internal sealed class McpSessions
{
    private const int IdBytes = 18;
    private static readonly TimeSpan Beat = TimeSpan.FromMinutes(1);

    private readonly OpenStreams places = new(DoorLimits.McpSessionsMax, DoorLimits.McpSessionsPerProjectMax,
        McpErrors.TooManySessions);

    private readonly ConcurrentDictionary<string, McpSession> open = new(StringComparer.Ordinal);
    private readonly DoorParts parts;
    private int sweeping;

    public McpSessions(DoorParts parts)
    {
        this.parts = parts;
        parts.Readiness.Stopping.Register(() => _ = EndAsync(open.Values));
    }

    public int Count => open.Count;

    public static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>Null for one that is not there, and for another key's: nobody learns which ids
    /// exist.</summary>
    public McpSession? Find(string id, Principal by) =>
        open.TryGetValue(id, out var session) && session.IsOf(by) ? session : null;

    /// <exception cref="AegisException">AEGIS6201 where there are too many.</exception>
    public McpSession Open(TenancyKeys keys, Func<McpSession> make)
    {
        var place = places.Take(keys);
        var session = make();
        session.Place = place;
        open[session.Id] = session;
        if (Interlocked.Exchange(ref sweeping, 1) == 0)
        {
            _ = SweepAsync();
        }
        return session;
    }

    public async ValueTask EndAsync(McpSession session)
    {
        if (open.TryRemove(session.Id, out var found))
        {
            await found.DisposeAsync();
        }
    }

    /// <summary>Runs while there are sessions: an idle server has no timer.</summary>
    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(Beat, parts.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(parts.Readiness.Stopping) && !open.IsEmpty)
            {
                await EndAsync(open.Values.Where(s => s.IsIdle(DoorLimits.McpIdleMax)));
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        Interlocked.Exchange(ref sweeping, 0);
        if (!open.IsEmpty && Interlocked.Exchange(ref sweeping, 1) == 0)
        {
            _ = SweepAsync();
        }
    }

    private async Task EndAsync(IEnumerable<McpSession> sessions)
    {
        foreach (var session in sessions)
        {
            await EndAsync(session);
        }
    }
}
