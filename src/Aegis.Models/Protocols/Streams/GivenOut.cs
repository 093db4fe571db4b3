using System.Text;

namespace Aegis.Models.Protocols.Streams;

/// <summary>What a client has seen of an answer so far, so that another provider's words can be joined to it
/// without a gap and without saying anything twice.</summary>
public sealed class GivenOut
{
    private readonly StringBuilder _text = new();
    private readonly List<GivenCall> _calls = [];

    public string Text => _text.ToString();

    public int TextChars => _text.Length;

    /// <summary>Of text and of the arguments of tool calls.</summary>
    public long AllChars => _text.Length + _calls.Sum(call => (long)call.Arguments.Length);

    public int ToolCalls => _calls.Count;

    /// <summary>The client saw that reasoning began; a second try's is not shown behind it.</summary>
    public bool HasReasoning { get; private set; }

    public FinishReason? Finish { get; private set; }

    /// <summary>The stop sequence that ended it, where the provider says.</summary>
    public string? StoppedAt { get; private set; }

    public bool IsEmpty => _text.Length == 0 && _calls.Count == 0;

    internal IReadOnlyList<GivenCall> Calls => _calls;

    internal bool StartsAt(int at, ReadOnlySpan<char> text)
    {
        foreach (var chunk in _text.GetChunks())
        {
            if (at >= chunk.Length)
            {
                at -= chunk.Length;
                continue;
            }
            var part = chunk.Span[at..];
            var length = Math.Min(part.Length, text.Length);
            if (!part[..length].SequenceEqual(text[..length]))
            {
                return false;
            }
            text = text[length..];
            at = 0;
            if (text.IsEmpty)
            {
                return true;
            }
        }
        return text.IsEmpty;
    }

    internal void Take(in ChatPiece piece)
    {
        switch (piece.Kind)
        {
            case PieceKind.Text:
                _text.Append(piece.Text);
                break;
            case PieceKind.Reasoning:
                HasReasoning = true;
                break;
            case PieceKind.ToolCall:
                _calls.Add(new(piece.Name ?? ""));
                break;
            case PieceKind.Arguments:
                _calls[piece.Index].Arguments.Append(piece.Text);
                break;
            case PieceKind.Finish:
                (Finish, StoppedAt) = (piece.Finish, piece.Text);
                break;
        }
    }

    internal sealed record GivenCall(string Name)
    {
        public StringBuilder Arguments { get; } = new();
    }
}
