using System.Net.Sockets;
using System.Text;

namespace Aegis.Durability.Proxy;

/// <summary>One connection through the proxy, both directions message by message.</summary>
internal sealed class ProxyLink(PostgresProxy proxy, Socket client, string upstream)
{
    private const int EncryptionAsked = 80877103;
    private const int GssAsked = 80877104;

    private readonly Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly AppendReading reading = new();
    private readonly Queue<(Flush Flush, Tripwire Wire)> unanswered = new();
    private readonly Lock gate = new();
    private int syncsOut;
    private int syncsBack;
    private readonly Queue<int> waitFor = new();

    public void Cut()
    {
        client.Dispose();
        server.Dispose();
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(upstream), cancel);
            // they own nothing: the sockets end in Cut
            var down = new NetworkStream(client);
            var up = new NetworkStream(server);
            if (await StartAsync(down, up, cancel) is not { } isCommit)
            {
                return;
            }
            var back = isCommit ? AnswersAsync(up, down, cancel) : up.CopyToAsync(down, cancel);
            var forth = isCommit ? FlushesAsync(down, up, cancel) : down.CopyToAsync(up, cancel);
            await await Task.WhenAny(back, forth);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException
            or OperationCanceledException)
        {
            // either side is gone: so is the other
        }
        finally
        {
            Cut();
        }
    }

    /// <returns>Whether this is the group commit's connection; null where there was no start-up.</returns>
    private static async Task<bool?> StartAsync(
        NetworkStream down, NetworkStream up, CancellationToken cancel)
    {
        var first = new MessageReader(down);
        while (await first.StartAsync(cancel) is { } message)
        {
            await up.WriteAsync(message, cancel);
            var code = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(4));
            if (code is not (EncryptionAsked or GssAsked))
            {
                return Encoding.UTF8.GetString(message).Contains("application_name\0aegis-commit\0",
                    StringComparison.Ordinal);
            }
            var answer = new byte[1];
            await up.ReadExactlyAsync(answer, cancel);
            await down.WriteAsync(answer, cancel);
        }
        return null;
    }

    private async Task FlushesAsync(NetworkStream down, NetworkStream up, CancellationToken cancel)
    {
        var messages = new MessageReader(down);
        var held = new MemoryStream();
        while (await messages.NextAsync(cancel) is { } message)
        {
            held.Write(message);
            var flush = reading.Take(message);
            if ((char)message[0] is not ('S' or 'Q' or 'X' or 'p' or 'H'))
            {
                continue;
            }
            var wire = flush is null ? null : proxy.Note(flush);
            if (wire?.At == Moment.BeforeForward && !await wire.RunAsync(flush!))
            {
                return;
            }
            Expect((char)message[0], flush, wire);
            await up.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), cancel);
            held.SetLength(0);
            if (wire?.At == Moment.Forwarded && !await wire.RunAsync(flush!))
            {
                return;
            }
        }
    }

    /// <summary>Remembers which ReadyForQuery answers the flush. It is noted before the flush leaves: the
    /// answer may be back before this thread goes on.</summary>
    private void Expect(char type, Flush? flush, Tripwire? wire)
    {
        lock (gate)
        {
            if (type is 'S' or 'Q')
            {
                syncsOut++;
            }
            if (wire is not null)
            {
                unanswered.Enqueue((flush!,
                    wire.At is Moment.BeforeAnswer or Moment.AfterAnswer ? wire : wire.AtAnswer()));
                waitFor.Enqueue(syncsOut);
            }
        }
    }

    private (Flush Flush, Tripwire Wire)? Answered()
    {
        lock (gate)
        {
            syncsBack++;
            if (waitFor.TryPeek(out var number) && number == syncsBack)
            {
                waitFor.Dequeue();
                return unanswered.Dequeue();
            }
            return null;
        }
    }

    private async Task AnswersAsync(NetworkStream up, NetworkStream down, CancellationToken cancel)
    {
        // the ReadyForQuery that ends the start-up answers no Sync
        syncsBack = -1;
        var messages = new MessageReader(up);
        var held = new MemoryStream();
        while (await messages.NextAsync(cancel) is { } message)
        {
            held.Write(message);
            if ((char)message[0] is not ('Z' or 'R' or 'E'))
            {
                continue;
            }
            var due = (char)message[0] == 'Z' ? Answered() : null;
            if (due is { Wire.At: Moment.BeforeAnswer } before && !await before.Wire.RunAsync(before.Flush))
            {
                return;
            }
            await down.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), cancel);
            held.SetLength(0);
            if (due is { Wire.At: Moment.AfterAnswer } after && !await after.Wire.RunAsync(after.Flush))
            {
                return;
            }
        }
    }
}
