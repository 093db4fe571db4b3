using System.Text.Json;
using Aegis.Gate.Peers;
using Aegis.Gate.Redaction;

namespace Aegis.Gate.Tests.Peers;

/// <summary>What a tool says to its caller while it runs shows no secret either.</summary>
public sealed class RedactingPeerTests
{
    private const string Secret = "s3cr3t-9f2b7c41d0e8";
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Secret_InProgressWordsAndQuestions_IsMasked()
    {
        var heard = new Heard();
        var used = new List<string>();
        var peer = new RedactingPeer(heard, () => new Redactor(used));
        await peer.SayAsync(PeerLevel.Info, $"before {Secret}", None);
        // from here on the tool has used it
        used.Add(Secret);
        await peer.SayAsync(PeerLevel.Info, $"after {Secret}", None);
        await peer.ProgressAsync(new CallProgress(1, 2, $"step {Secret}"), None);
        await peer.AskAsync(
        [
            new PeerRequest.Form("form", $"is it {Secret}?", JsonElement.Parse("{}")),
            new PeerRequest.Sample("sample", $"say {Secret}", 10, $"you know {Secret}"),
        ], None);
        // the control: what is no secret yet comes through
        Assert.Equal($"before {Secret}", heard.Words[0]);
        Assert.Equal(5, heard.Words.Count - 1);
        Assert.DoesNotContain(heard.Words.Skip(1), w => w.Contains(Secret, StringComparison.Ordinal));
        Assert.All(heard.Words.Skip(1), w => Assert.Contains("***", w, StringComparison.Ordinal));
    }

    private sealed class Heard : CallPeer
    {
        public List<string> Words { get; } = [];

        public override PeerAbilities Can => PeerAbilities.Form | PeerAbilities.Sample;

        public override ValueTask ProgressAsync(CallProgress progress, CancellationToken cancel)
        {
            Words.Add(progress.Message!);
            return ValueTask.CompletedTask;
        }

        public override ValueTask SayAsync(PeerLevel level, string text, CancellationToken cancel)
        {
            Words.Add(text);
            return ValueTask.CompletedTask;
        }

        public override ValueTask<IReadOnlyDictionary<string, PeerReply>> AskAsync(
            IReadOnlyList<PeerRequest> requests, CancellationToken cancel)
        {
            foreach (var request in requests)
            {
                Words.AddRange(request switch
                {
                    PeerRequest.Form e => [e.Message],
                    PeerRequest.Sample e => (string[])[e.Text, e.System!],
                    _ => [],
                });
            }
            return ValueTask.FromResult<IReadOnlyDictionary<string, PeerReply>>(
                new Dictionary<string, PeerReply>());
        }
    }
}
