using Aegis.Gate.Redaction;

namespace Aegis.Gate.Peers;

/// <summary>What a tool says to its caller goes through the same masks as its log and its answer.</summary>
/// <param name="redactor">Asked each time: a tool may have used another secret since.</param>
internal sealed class RedactingPeer(CallPeer peer, Func<Redactor> redactor) : CallPeer
{
    public override PeerAbilities Can => peer.Can;

    public override bool WantsProgress => peer.WantsProgress;

    public override ValueTask ProgressAsync(CallProgress progress, CancellationToken cancel) =>
        peer.ProgressAsync(progress with
        {
            Message = progress.Message is { } words ? Clean(words) : null,
        }, cancel);

    public override ValueTask SayAsync(PeerLevel level, string text, CancellationToken cancel) =>
        peer.SayAsync(level, Clean(text), cancel);

    public override ValueTask<IReadOnlyDictionary<string, PeerReply>> AskAsync(
        IReadOnlyList<PeerRequest> requests, CancellationToken cancel) =>
        peer.AskAsync([.. requests.Select(Clean)], cancel);

    private PeerRequest Clean(PeerRequest request) => request switch
    {
        PeerRequest.Form e => e with { Message = Clean(e.Message) },
        PeerRequest.Sample e => e with
        {
            Text = Clean(e.Text),
            System = e.System is { } words ? Clean(words) : null,
        },
        _ => request,
    };

    private string Clean(string text) => redactor().Redact(text);
}
