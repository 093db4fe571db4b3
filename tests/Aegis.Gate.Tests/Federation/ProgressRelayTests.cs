using System.Text.Json.Nodes;
using System.Threading.Channels;
using Aegis.Gate.Federation;
using Aegis.Gate.Peers;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Aegis.Gate.Tests.Federation;

/// <summary>What an outside server says of its progress is heard in its order, before what it sends
/// next, and by the call that it is about alone.</summary>
public sealed class ProgressRelayTests
{
    [Fact]
    public async Task Progress_IsHeardInOrder_BeforeTheAnswer()
    {
        var line = new Line();
        var relay = new ProgressRelay(line);
        await using var tapped = await relay.ConnectAsync();
        var heard = new Heard();
        var token = relay.Begin(heard, CancellationToken.None);
        line.Send(token, 1, "a");
        line.Send("another", 2, "of somebody else");
        line.Send(token, "three", "no number");
        line.Send(token, 3, new string('x', ProgressRelay.MessageCharsMax));
        line.Send(token, 4, new string('x', ProgressRelay.MessageCharsMax) + "y");
        line.Messages.Writer.TryWrite(new JsonRpcNotification { Method = "other" });
        // what comes after it is handed on once all of it was heard
        var next = Assert.IsType<JsonRpcNotification>(await tapped.MessageReader.ReadAsync());
        Assert.Equal("other", next.Method);
        Assert.Equal([1.0, 3, 4], heard.Told.Select(p => p.Done));
        Assert.Equal([1, ProgressRelay.MessageCharsMax, ProgressRelay.MessageCharsMax],
            heard.Told.Select(p => p.Message!.Length));
    }

    [Fact]
    public async Task Line_ThatEnds_EndsTheReader_WithItsReason()
    {
        var line = new Line();
        await using var tapped = await new ProgressRelay(line).ConnectAsync();
        line.Messages.Writer.Complete(new IOException("cut"));
        Assert.Equal("cut", (await Assert.ThrowsAsync<IOException>(
            () => tapped.MessageReader.Completion)).Message);
    }

    private sealed class Line : IClientTransport, ITransport
    {
        public Channel<JsonRpcMessage> Messages { get; } = Channel.CreateUnbounded<JsonRpcMessage>();

        public string Name => "line";

        public string? SessionId => null;

        public ChannelReader<JsonRpcMessage> MessageReader => Messages.Reader;

        public Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
            Task.FromResult<ITransport>(this);

        public Task SendMessageAsync(
            JsonRpcMessage message, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public void Send(string token, JsonNode progress, string message) => Messages.Writer.TryWrite(
            new JsonRpcNotification
            {
                Method = NotificationMethods.ProgressNotification,
                // as it is read from the wire
                Params = JsonNode.Parse(new JsonObject
                {
                    ["progressToken"] = token, ["progress"] = progress, ["message"] = message,
                }.ToJsonString()),
            });

        public ValueTask DisposeAsync()
        {
            Messages.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Heard : CallPeer
    {
        public List<CallProgress> Told { get; } = [];

        public override PeerAbilities Can => PeerAbilities.None;

        public override ValueTask ProgressAsync(CallProgress progress, CancellationToken cancel)
        {
            Told.Add(progress);
            return ValueTask.CompletedTask;
        }

        public override ValueTask SayAsync(PeerLevel level, string text, CancellationToken cancel) =>
            ValueTask.CompletedTask;

        public override ValueTask<IReadOnlyDictionary<string, PeerReply>> AskAsync(
            IReadOnlyList<PeerRequest> requests, CancellationToken cancel) =>
            throw new NotSupportedException();
    }
}
