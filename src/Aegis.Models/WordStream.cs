using System.IO.Pipelines;
using System.Text;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.OpenAi;
using Aegis.Models.Protocols.Streams;

namespace Aegis.Models;

/// <summary>A streamed answer for somebody who wants its words: what a client would get is read
/// here.</summary>
public sealed class WordStream(Func<string, ValueTask> said)
{
    private readonly Pipe pipe = new();
    private readonly StringBuilder text = new();
    private Task reading = Task.CompletedTask;

    public string Text => text.ToString();

    /// <summary>Begins to read; for the runner.</summary>
    public PipeWriter Begin()
    {
        reading = ReadAsync();
        return pipe.Writer;
    }

    /// <summary>Nothing more comes; all words that came are said.</summary>
    public async ValueTask EndAsync()
    {
        await pipe.Writer.CompleteAsync();
        await reading;
    }

    private async Task ReadAsync()
    {
        var pieces = new List<ChatPiece>();
        var reader = new OpenAiPieceReader();
        using var events = new EventReader(pipe.Reader.AsStream());
        while (!reader.IsDone && await events.ReadAsync(CancellationToken.None))
        {
            while (events.TryNext(out var next))
            {
                pieces.Clear();
                if (!next.Data.IsEmpty)
                {
                    reader.Read(next.Data.Span, pieces);
                }
                foreach (var piece in pieces.Where(p => p is { Kind: PieceKind.Text, Text.Length: > 0 }))
                {
                    text.Append(piece.Text);
                    await said(piece.Text!);
                }
            }
        }
        await pipe.Reader.CompleteAsync();
    }
}
