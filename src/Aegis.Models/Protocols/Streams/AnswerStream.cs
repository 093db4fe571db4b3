using System.Buffers;

namespace Aegis.Models.Protocols.Streams;

/// <summary>A whole answer as the stream that would have brought it, in as few events as there are
/// parts.</summary>
public static class AnswerStream
{
    public static void Write(ChatAnswer answer, WireProtocol client, StreamHead head,
        IBufferWriter<byte> to)
    {
        var writer = head.Writer(client);
        foreach (var piece in Pieces(answer))
        {
            writer.Write(piece, to);
        }
        writer.End(to);
    }

    private static IEnumerable<ChatPiece> Pieces(ChatAnswer answer)
    {
        if (answer.Usage is not null)
        {
            // first, so that a protocol which tells it at the beginning can
            yield return new(PieceKind.Usage) { Usage = answer.Usage };
        }
        yield return new(PieceKind.Begin, Id: answer.Id, Name: answer.Model);
        var calls = 0;
        foreach (var part in answer.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    yield return new(PieceKind.Text, text.Text);
                    break;
                case ReasoningPart { IsSealed: false } thought:
                    yield return new(PieceKind.Reasoning, thought.Text);
                    break;
                case ToolCallPart call:
                    yield return new(PieceKind.ToolCall, Index: calls, Id: call.Id, Name: call.Name);
                    yield return new(PieceKind.Arguments, call.Arguments, calls++);
                    break;
            }
        }
        yield return new(PieceKind.Finish, answer.StoppedAt) { Finish = answer.Finish };
    }
}
