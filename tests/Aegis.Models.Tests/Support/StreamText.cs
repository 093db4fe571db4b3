using System.IO.Pipelines;
using System.Text;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Anthropic;
using Aegis.Models.Protocols.OpenAi;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models.Tests.Support;

/// <summary>Streams as a client sees them.</summary>
internal static class StreamText
{
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    /// <summary>What a stream says: text, calls and how it ended, read as a client would.</summary>
    public static (string Text, string Calls, FinishReason? Finish, TokenUsage? Usage, bool IsWhole) Read(
        byte[] stream, WireProtocol protocol)
    {
        var pieces = Pieces(stream, protocol, out var isDone);
        var text = string.Concat(pieces.Where(p => p.Kind == PieceKind.Text).Select(p => p.Text));
        var calls = string.Concat(pieces.Select(p => p.Kind switch
        {
            PieceKind.ToolCall => $" {p.Index}:{p.Id}:{p.Name}:",
            PieceKind.Arguments => p.Text,
            _ => "",
        }));
        var finish = pieces.Where(p => p.Kind == PieceKind.Finish).Select(p => (FinishReason?)p.Finish)
            .ToList();
        Assert.True(finish.Count <= 1, "it ended twice");
        var usage = pieces.Select(p => p.Usage).LastOrDefault(u => u is not null);
        return (text, calls, finish.FirstOrDefault(), usage, isDone);
    }

    public static List<ChatPiece> Pieces(byte[] stream, WireProtocol protocol, out bool isDone)
    {
        IPieceReader reader = protocol == WireProtocol.Anthropic ? new AnthropicPieceReader()
            : new OpenAiPieceReader();
        var pieces = new List<ChatPiece>();
        using var events = new EventReader(new MemoryStream(stream));
        while (events.ReadAsync(default).AsTask().GetAwaiter().GetResult())
        {
            while (events.TryNext(out var next))
            {
                Assert.False(reader.IsDone, "something came behind the end");
                if (!next.Data.IsEmpty)
                {
                    reader.Read(next.Data.Span, pieces);
                }
            }
        }
        isDone = reader.IsDone;
        return pieces;
    }

    /// <summary>Each of Anthropic's blocks begins and ends once, in order.</summary>
    public static void HasSoundBlocks(byte[] stream)
    {
        var open = -1;
        var next = 0;
        foreach (var line in Encoding.UTF8.GetString(stream).Split('\n').Where(l => l.StartsWith("data: ")))
        {
            using var json = System.Text.Json.JsonDocument.Parse(line[6..]);
            var root = json.RootElement;
            switch (root.GetProperty("type").GetString())
            {
                case "content_block_start":
                    Assert.Equal((-1, next), (open, root.GetProperty("index").GetInt32()));
                    open = next++;
                    break;
                case "content_block_delta":
                    Assert.Equal(open, root.GetProperty("index").GetInt32());
                    break;
                case "content_block_stop":
                    Assert.Equal(open, root.GetProperty("index").GetInt32());
                    open = -1;
                    break;
                case "message_delta":
                    Assert.Equal(-1, open);
                    break;
            }
        }
    }

    public static StreamRelay Relay(WireProtocol client, Stream to, bool showUsage = true) =>
        new(client, new("own-id", "own-model", 7, showUsage), PipeWriter.Create(to,
            new StreamPipeWriterOptions(leaveOpen: true)));
}

/// <summary>Gives its bytes whatever its reader's patience, then nothing.</summary>
internal sealed class SilentStream(byte[] bytes) : Blobs.ReadingStream
{
    public override int Read(Span<byte> buffer) => throw new NotSupportedException();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        if (Passed == bytes.Length)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        bytes.CopyTo(buffer);
        Passed = bytes.Length;
        return bytes.Length;
    }
}

/// <summary>A client that lets the first piece wait.</summary>
internal sealed class SlowClient(TimeSpan first) : MemoryStream
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        if (Length == 0)
        {
            using var beat = new PeriodicTimer(first);
            await beat.WaitForNextTickAsync(cancellationToken);
        }
        Write(buffer.Span);
    }
}

/// <summary>Gives so many bytes at a time, then breaks or ends.</summary>
internal sealed class BrokenStream(byte[] bytes, int length, int step, bool breaks) : Blobs.ReadingStream
{
    public override int Read(Span<byte> buffer)
    {
        var left = Math.Min(Math.Min(length - (int)Passed, step), buffer.Length);
        if (left <= 0)
        {
            return breaks ? throw new IOException("the connection was reset") : 0;
        }
        bytes.AsSpan((int)Passed, left).CopyTo(buffer);
        Passed += left;
        return left;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
}
