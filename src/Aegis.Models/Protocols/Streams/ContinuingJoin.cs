namespace Aegis.Models.Protocols.Streams;

/// <summary>The next provider was asked to go on behind the text that was given out. The space with which
/// that text ended was not sent along, so it is dropped where it comes again; and where the model begins
/// anew all the same, so is the whole text.</summary>
internal sealed class ContinuingJoin : IJoin
{
    // a shorter text may well be said again by a model that does go on
    private const int AgainCharsMin = 16;
    private readonly string _given;
    private readonly string _space;
    private string _held = "";
    private bool _isOn;

    public ContinuingJoin(GivenOut given)
    {
        _given = given.Text;
        _space = _given[_given.TrimEnd().Length..];
    }

    public bool Pass(in ChatPiece piece, List<ChatPiece> fresh)
    {
        switch (piece.Kind)
        {
            case PieceKind.Text:
                Text(piece, fresh);
                return true;
            case PieceKind.Begin or PieceKind.Reasoning:
                return true;
            case PieceKind.ToolCall or PieceKind.Finish:
                Release(fresh);
                fresh.Add(piece);
                return true;
            default:
                fresh.Add(piece);
                return true;
        }
    }

    private void Text(in ChatPiece piece, List<ChatPiece> fresh)
    {
        if (_isOn)
        {
            fresh.Add(piece);
            return;
        }
        _held += piece.Text;
        if (_given.Length >= AgainCharsMin && Shared(_held, _given) is var shared)
        {
            if (shared == _given.Length)
            {
                Emit(_held[shared..], fresh);
                return;
            }
            if (shared == _held.Length)
            {
                return;
            }
        }
        var space = Shared(_held, _space);
        if (space == _held.Length && space < _space.Length)
        {
            return;
        }
        Emit(_held[space..], fresh);
    }

    // the answer ended while it was still being compared
    private void Release(List<ChatPiece> fresh)
    {
        if (!_isOn)
        {
            Emit(_held[Shared(_held, _space)..], fresh);
        }
    }

    private void Emit(string text, List<ChatPiece> fresh)
    {
        _isOn = true;
        _held = "";
        if (text.Length > 0)
        {
            fresh.Add(new(PieceKind.Text, text));
        }
    }

    private static int Shared(string one, string other) =>
        one.AsSpan().CommonPrefixLength(other.AsSpan());
}
