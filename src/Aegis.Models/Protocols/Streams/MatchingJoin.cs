namespace Aegis.Models.Protocols.Streams;

/// <summary>The call was made again from its beginning: what the client has seen must come again, word for
/// word, and is dropped.</summary>
internal sealed class MatchingJoin(GivenOut given) : IJoin
{
    // the client's state does not grow before all of it was matched, so it can be held against itself
    private readonly int _chars = given.TextChars;
    private readonly int _calls = given.ToolCalls;
    private readonly int[] _arguments = new int[given.ToolCalls];
    private int _matched;

    public bool Pass(in ChatPiece piece, List<ChatPiece> fresh)
    {
        switch (piece.Kind)
        {
            case PieceKind.Text:
                return Text(piece, fresh);
            case PieceKind.ToolCall when piece.Index < _calls:
                return given.Calls[piece.Index].Name == piece.Name;
            case PieceKind.Arguments when piece.Index < _calls:
                return Arguments(piece, fresh);
            case PieceKind.ToolCall when _matched < _chars:
            case PieceKind.Finish when _matched < _chars || IsShort():
                return false;
            case PieceKind.Begin or PieceKind.Reasoning:
                return true;
            default:
                fresh.Add(piece);
                return true;
        }
    }

    private bool Text(in ChatPiece piece, List<ChatPiece> fresh)
    {
        var text = piece.Text!;
        var known = Math.Min(text.Length, _chars - _matched);
        if (!given.StartsAt(_matched, text.AsSpan(0, known)))
        {
            return false;
        }
        _matched += known;
        if (known < text.Length)
        {
            fresh.Add(piece with { Text = text[known..] });
        }
        return true;
    }

    private bool Arguments(in ChatPiece piece, List<ChatPiece> fresh)
    {
        var seen = given.Calls[piece.Index].Arguments;
        var at = _arguments[piece.Index];
        var text = piece.Text!;
        var known = Math.Min(text.Length, Math.Max(seen.Length - at, 0));
        for (var i = 0; i < known; i++)
        {
            if (seen[at + i] != text[i])
            {
                return false;
            }
        }
        _arguments[piece.Index] = at + text.Length;
        if (known < text.Length)
        {
            fresh.Add(piece with { Text = text[known..] });
        }
        return true;
    }

    private bool IsShort()
    {
        for (var i = 0; i < _calls; i++)
        {
            if (_arguments[i] < given.Calls[i].Arguments.Length)
            {
                return true;
            }
        }
        return false;
    }
}
