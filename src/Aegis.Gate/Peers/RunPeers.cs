using System.Collections.Concurrent;
using Aegis.Core;

namespace Aegis.Gate.Peers;

/// <summary>Who waits at a door of this node for a run's end, and hears how far its calls have come. Nobody
/// is kept for them: who leaves hears no more, and who waits at another node's door hears nothing of
/// this.</summary>
public sealed class RunPeers
{
    private readonly ConcurrentDictionary<RunId, CallPeer> waiting = new();

    /// <summary>Takes the one place at a run until it is disposed of.</summary>
    public IDisposable Seat(RunId run, CallPeer peer)
    {
        waiting[run] = peer;
        return new Place(waiting, run, peer);
    }

    /// <summary>The peer of a run's calls, whoever waits now or later.</summary>
    internal CallPeer Of(RunId run) => new Waiting(waiting, run);

    private sealed class Place(ConcurrentDictionary<RunId, CallPeer> waiting, RunId run, CallPeer peer)
        : IDisposable
    {
        public void Dispose() => waiting.TryRemove(new KeyValuePair<RunId, CallPeer>(run, peer));
    }

    /// <summary>Asked each time: a call may begin before its door has sat down. Nobody there can be asked
    /// anything, for a run is made anew without them.</summary>
    private sealed class Waiting(ConcurrentDictionary<RunId, CallPeer> waiting, RunId run) : CallPeer
    {
        public override PeerAbilities Can => PeerAbilities.None;

        public override bool WantsProgress => Peer.WantsProgress;

        private CallPeer Peer => waiting.GetValueOrDefault(run) ?? SilentPeer.Instance;

        public override ValueTask ProgressAsync(CallProgress progress, CancellationToken cancel) =>
            Peer.ProgressAsync(progress, cancel);

        public override ValueTask SayAsync(PeerLevel level, string text, CancellationToken cancel) =>
            Peer.SayAsync(level, text, cancel);

        public override ValueTask<IReadOnlyDictionary<string, PeerReply>> AskAsync(
            IReadOnlyList<PeerRequest> requests, CancellationToken cancel) =>
            SilentPeer.Instance.AskAsync(requests, cancel);
    }
}
