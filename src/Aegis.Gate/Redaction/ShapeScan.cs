namespace Aegis.Gate.Redaction;

/// <summary>Follows the credentials whose beginning was seen until each is decided, byte by byte. A shape is
/// followed once at a time: a second beginning inside the first run is covered by it.</summary>
internal sealed class ShapeScan(MaskIntervals masks)
{
    private const int KeyHeaderBytesMax = 64;
    private const int KeyBodyBytesMax = 16 * 1024;
    private readonly List<Open> _open = [];
    // beginnings are common (every address has one), so their state is used again
    private readonly Stack<Open> _spare = new();

    public bool Any => _open.Count > 0;

    public void Reset() => _open.Clear();

    public void Anchor(int number, int at, Func<int, byte> before)
    {
        if (number == TokenShape.KeyEndAnchor)
        {
            EnterEndLine();
            return;
        }
        var shape = TokenShape.All[number - 1];
        var start = at + 1 - shape.Anchor.Length;
        if (IsOpen(shape) || (shape.NeedsBoundary && TokenShape.IsWord(before(start))))
        {
            return;
        }
        var open = _spare.TryPop(out var spare) ? spare : new Open();
        open.Begin(shape, start, shape.KeepAnchor ? at + 1 : start);
        _open.Add(open);
    }

    public void Step(byte b, int at)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var goesOn = _open[i].Shape.Kind switch
            {
                ShapeKind.Token => StepToken(_open[i], b, at),
                ShapeKind.UrlPassword => StepUrl(_open[i], b, at),
                _ => StepKey(_open[i], b, at),
            };
            if (!goesOn || (!_open[i].Decided && at + 1 - _open[i].Start >= TokenShape.UndecidedBytesMax))
            {
                _spare.Push(_open[i]);
                _open.RemoveAt(i);
            }
        }
    }

    /// <summary>Where the oldest run begins that may yet turn out to be a credential.</summary>
    public int UndecidedStart(int end)
    {
        foreach (var open in _open)
        {
            end = open.Decided ? end : Math.Min(end, open.Start);
        }
        return end;
    }

    /// <summary>The same where nothing more comes for now: what is known to everybody of a credential (its
    /// fixed beginning, an address up to its password) is not waited for.</summary>
    public int RestStart(int end)
    {
        foreach (var open in _open)
        {
            var isUrl = open.Shape.Kind == ShapeKind.UrlPassword;
            if (!open.Decided && (open.Flag || !isUrl))
            {
                end = Math.Min(end, isUrl ? open.MaskStart : open.Start + open.Shape.Anchor.Length);
            }
        }
        return end;
    }

    public void Shift(int by)
    {
        foreach (var open in _open)
        {
            open.Start -= by;
            open.MaskStart -= by;
        }
    }

    private bool IsOpen(TokenShape shape)
    {
        foreach (var open in _open)
        {
            if (open.Shape == shape)
            {
                return true;
            }
        }
        return false;
    }

    // Flag of a key: inside the end line, which its closing dashes end
    private void EnterEndLine()
    {
        foreach (var open in _open)
        {
            if (open is { Shape.Kind: ShapeKind.PrivateKey, Decided: true })
            {
                (open.Flag, open.Dashes) = (true, 0);
            }
        }
    }

    private bool StepToken(Open open, byte b, int at)
    {
        if (!open.Shape.Body.Contains(b))
        {
            return false;
        }
        open.Count++;
        open.Flag |= b is >= (byte)'0' and <= (byte)'9';
        if (open.Decided)
        {
            masks.Add(at, at + 1);
        }
        else if (open.Count >= open.Shape.BodyMin && (open.Flag || !open.Shape.NeedsDigit))
        {
            open.Decided = true;
            masks.Add(open.MaskStart, at + 1);
        }
        return true;
    }

    // Flag: the colon between user and password was seen, and MaskStart stands behind it
    private bool StepUrl(Open open, byte b, int at)
    {
        if (b == (byte)'@' && open.Flag && at > open.MaskStart)
        {
            masks.Add(open.MaskStart, at);
        }
        if (b == (byte)':' && !open.Flag)
        {
            open.Flag = true;
            open.MaskStart = at + 1;
        }
        return open.Shape.Body.Contains(b);
    }

    private bool StepKey(Open open, byte b, int at)
    {
        if (!open.Decided)
        {
            return StepKeyHeader(open, b, at);
        }
        masks.Add(at, at + 1);
        open.Count++;
        if (!open.Flag)
        {
            return open.Count < KeyBodyBytesMax;
        }
        open.Dashes = b == (byte)'-' ? open.Dashes + 1 : 0;
        return open.Dashes < 5 && b != (byte)'\n';
    }

    private bool StepKeyHeader(Open open, byte b, int at)
    {
        open.Header += (char)b;
        if (open.Header.EndsWith("-----", StringComparison.Ordinal))
        {
            open.Decided = open.Header.Contains("PRIVATE KEY", StringComparison.Ordinal);
            if (open.Decided)
            {
                masks.Add(open.Start, at + 1);
            }
            return open.Decided;
        }
        return open.Header.Length < KeyHeaderBytesMax
            && (b is (byte)' ' or (byte)'-' || char.IsAsciiLetterUpper((char)b)
                || char.IsAsciiDigit((char)b));
    }

    private sealed class Open
    {
        public TokenShape Shape { get; private set; } = TokenShape.All[0];

        public int Start { get; set; }

        public int MaskStart { get; set; }

        public int Count { get; set; }

        public bool Decided { get; set; }

        public bool Flag { get; set; }

        public int Dashes { get; set; }

        public string Header { get; set; } = "";

        public void Begin(TokenShape shape, int start, int maskStart)
        {
            (Shape, Start, MaskStart) = (shape, start, maskStart);
            (Count, Decided, Flag, Dashes, Header) = (0, false, false, 0, "");
        }
    }
}
