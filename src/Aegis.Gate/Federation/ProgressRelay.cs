using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Aegis.Gate.Peers;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Aegis.Gate.Federation;

/// <summary>Takes an outside server's progress out of what it sends, in the order in which it came. The SDK
/// hands notifications to their handlers beside each other and beside the answer: one could be told after the
/// next, or after the end. A peer that takes its time holds the server back.</summary>
internal sealed class ProgressRelay(IClientTransport line) : IClientTransport
{
    /// <summary>Characters of one message; the rest is left out.</summary>
    public const int MessageCharsMax = 1_024;

    private volatile Call? call;

    public string Name => line.Name;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Tapped(await line.ConnectAsync(cancellationToken), this);

    /// <summary>From here on the peer hears; the token goes with the request.</summary>
    public string Begin(CallPeer peer, CancellationToken cancel)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        call = new Call(token, peer, cancel);
        return token;
    }

    private async ValueTask HearAsync(JsonObject? said)
    {
        if (call is not { } now || Text(said, "progressToken") != now.Token
            || Number(said, "progress") is not { } done)
        {
            return;
        }
        var words = Text(said, "message");
        try
        {
            await now.Peer.ProgressAsync(new CallProgress(done, Number(said, "total"),
                words is { Length: > MessageCharsMax } ? words[..MessageCharsMax] : words), now.Cancel);
        }
        catch (OperationCanceledException)
        {
            // nobody listens any more
            call = null;
        }
    }

    private static string? Text(JsonObject? said, string member) =>
        said?[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static double? Number(JsonObject? said, string member) =>
        said?[member] is JsonValue value && value.TryGetValue(out double number) ? number : null;

    private sealed record Call(string Token, CallPeer Peer, CancellationToken Cancel);

    private sealed class Tapped : ITransport
    {
        // the line bounds what a server may send in a conversation
        private readonly Channel<JsonRpcMessage> passed = Channel.CreateUnbounded<JsonRpcMessage>();
        private readonly ITransport inner;
        private readonly Task passing;

        public Tapped(ITransport inner, ProgressRelay relay)
        {
            this.inner = inner;
            passing = Task.Run(() => PassAsync(relay));
        }

        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => passed.Reader;

        public Task SendMessageAsync(
            JsonRpcMessage message, CancellationToken cancellationToken = default) =>
            inner.SendMessageAsync(message, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await passing;
        }

        private async Task PassAsync(ProgressRelay relay)
        {
            try
            {
                await foreach (var message in inner.MessageReader.ReadAllAsync())
                {
                    if (message is JsonRpcNotification { Method: NotificationMethods.ProgressNotification } e)
                    {
                        await relay.HearAsync(e.Params as JsonObject);
                    }
                    else
                    {
                        passed.Writer.TryWrite(message);
                    }
                }
                passed.Writer.TryComplete();
            }
            catch (Exception e)
            {
                // how the line ended is for the client to see
                passed.Writer.TryComplete(e);
            }
        }
    }
}
