using System.Collections.Concurrent;
using Aegis.Engine.Calls;
using Aegis.Gate;
using Aegis.Server.Rooms;

namespace Aegis.Server.Gateway;

/// <summary>Where the calls of each key are recorded: a stream that is opened with the first of them, and
/// follows the project's profile. A key that has been silent for a while gets a new one.</summary>
internal sealed class GatewaySessions
{
    /// <summary>Keys whose sessions are open at once; the longest silent one ends for another.</summary>
    public const int OpenMax = 1_024;

    private static readonly TimeSpan SilentMax = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Beat = TimeSpan.FromMinutes(1);

    private readonly DoorParts parts;
    private readonly ConcurrentDictionary<(Core.Tenancy, string), Slot> open = new();
    private readonly SemaphoreSlim opening = new(1);
    private int sweeping;

    public GatewaySessions(DoorParts parts)
    {
        this.parts = parts;
        parts.Readiness.Stopping.Register(() => End(_ => true));
    }

    public async ValueTask<CallSession> OfAsync(Principal by, CancellationToken cancel)
    {
        if (Known(by) is { } slot && await parts.CallDesk.IsCurrentAsync(slot.Session, cancel))
        {
            slot.UsedAt = parts.Time.GetTimestamp();
            return slot.Session;
        }
        await opening.WaitAsync(cancel);
        try
        {
            return await OpenAsync(by, cancel);
        }
        finally
        {
            opening.Release();
        }
    }

    private async ValueTask<CallSession> OpenAsync(Principal by, CancellationToken cancel)
    {
        // somebody else of the same key may have been first
        if (Known(by) is { } slot && await parts.CallDesk.IsCurrentAsync(slot.Session, cancel))
        {
            return slot.Session;
        }
        if (open.Count >= OpenMax)
        {
            var oldest = open.MinBy(o => o.Value.UsedAt).Value;
            End(s => s == oldest);
        }
        var session = await parts.CallDesk.OpenAsync(
            by, new SessionRequest("gateway", null, null, null), cancel);
        if (open.TryRemove((by.Tenancy, by.Actor), out var old))
        {
            old.Session.End();
        }
        open[(by.Tenancy, by.Actor)] = new Slot(session, by) { UsedAt = parts.Time.GetTimestamp() };
        if (Interlocked.Exchange(ref sweeping, 1) == 0)
        {
            _ = SweepAsync();
        }
        return session;
    }

    private Slot? Known(Principal by) => open.TryGetValue((by.Tenancy, by.Actor), out var slot)
        && (ReferenceEquals(slot.By.Scopes, by.Scopes) || slot.By.Scopes.SetEquals(by.Scopes)) ? slot : null;

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(Beat, parts.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(parts.Readiness.Stopping))
            {
                End(slot => parts.Time.GetElapsedTime(slot.UsedAt) > SilentMax);
            }
        }
        catch (OperationCanceledException)
        {
            // the server stops, and all sessions with it
        }
    }

    private void End(Predicate<Slot> which)
    {
        foreach (var (key, slot) in open)
        {
            if (which(slot) && open.TryRemove(KeyValuePair.Create(key, slot)))
            {
                slot.Session.End();
            }
        }
    }

    private sealed class Slot(CallSession session, Principal by)
    {
        public CallSession Session => session;

        public Principal By => by;

        public long UsedAt { get; set; }
    }
}
