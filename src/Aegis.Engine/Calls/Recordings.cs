using System.Collections.Concurrent;

namespace Aegis.Engine.Calls;

/// <summary>The sessions of a node whose facts may still wait to be committed.</summary>
internal sealed class Recordings
{
    private readonly ConcurrentDictionary<CallSession, bool> open = new();

    public void Add(CallSession session) => open[session] = true;

    public void Remove(CallSession session) => open.TryRemove(session, out _);

    /// <summary>All that was recorded is committed, unless the node is lost; nothing more is taken.</summary>
    public Task FinishAsync() => Task.WhenAll(open.Keys.Select(session => session.FinishAsync()));
}
