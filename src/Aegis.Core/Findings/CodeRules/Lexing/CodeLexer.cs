namespace Aegis.Core.Findings.CodeRules.Lexing;

// Rules over raw text see injections in comments and in messages that only speak of them. A whole parser for
// each language knows more than the rules ask. So: a small lexer for each, which tells code, strings and
// comments apart and opens the holes of interpolated strings as code. It accepts anything, goes forward
// only, and keeps nothing but places.

/// <summary>Cuts a source into tokens; comments are left out.</summary>
internal abstract class CodeLexer(string source)
{
    public const int TokensMax = 2_000_000;

    private static readonly string[] Signs =
    [
        "===", "!==", "**=", "...", "=>", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "|=", "&=",
        "??", "?.", "||", "&&", "++", "--", "**", "//", "->", "::", ":=",
    ];

    private readonly List<CodeToken> tokens = [];
    private readonly Stack<TextFrame> frames = new();
    private int line = 1;
    private int open;

    protected string Source { get; } = source;

    protected int At { get; set; }

    protected char Here => Peek(0);

    protected bool AtLineStart { get; private set; } = true;

    protected CodeToken? Last => tokens.Count == 0 ? null : tokens[^1];

    /// <summary>Line ends are tokens outside brackets.</summary>
    protected virtual bool LinesCount => false;

    public List<CodeToken> Read()
    {
        // one past the limit tells that there is more
        while (At < Source.Length && tokens.Count <= TokensMax)
        {
            Step();
        }
        return tokens;
    }

    /// <summary>Skips a comment that begins here.</summary>
    protected abstract bool SkipComment();

    /// <summary>Reads a literal that begins here.</summary>
    protected abstract bool ReadLiteral();

    protected virtual bool IsWordStart(char c) => char.IsLetter(c) || c == '_';

    protected virtual bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c == '_';

    protected char Peek(int ahead) => At + ahead < Source.Length ? Source[At + ahead] : '\0';

    protected bool StartsWith(string what) => Source.AsSpan(At).StartsWith(what);

    protected void Advance()
    {
        line += Here == '\n' ? 1 : 0;
        At++;
    }

    protected void AdvanceTo(int end)
    {
        end = Math.Min(end, Source.Length);
        line += Source.AsSpan(At, end - At).Count('\n');
        At = end;
    }

    protected void SkipLine() => AdvanceTo(Source.IndexOf('\n', At) is var end and >= 0 ? end
        : Source.Length);

    protected void SkipPast(string close, int from) => AdvanceTo(
        Source.IndexOf(close, Math.Min(from, Source.Length), StringComparison.Ordinal) is var end and >= 0
            ? end + close.Length : Source.Length);

    protected void Add(TokenKind kind, int start, int length, int? at = null)
    {
        tokens.Add(new CodeToken(kind, start, length, at ?? line));
        open += kind == TokenKind.Open ? 1 : kind == TokenKind.Close && open > 0 ? -1 : 0;
    }

    /// <summary>A literal without holes whose inside begins here.</summary>
    protected void ReadText(string close, bool escapes, bool endsAtLine, bool doubles = false)
    {
        var (start, at) = (At, line);
        while (At < Source.Length && !(endsAtLine && Here == '\n'))
        {
            if (escapes && Here == '\\')
            {
                Advance();
            }
            else if (StartsWith(close))
            {
                if (!doubles || Peek(close.Length) != close[0])
                {
                    Add(TokenKind.Text, start, At - start, at);
                    At += close.Length;
                    return;
                }
                Advance();
            }
            if (At < Source.Length)
            {
                Advance();
            }
        }
        Add(TokenKind.Text, start, At - start, at);
    }

    /// <summary>A literal with holes, from its opening quotes on.</summary>
    protected void ReadHoled(int quotes, TextFrame frame)
    {
        Add(TokenKind.Open, At, quotes);
        At += quotes;
        frames.Push(frame);
        Resume(frame);
    }

    protected void ReadWord()
    {
        var start = At;
        while (At < Source.Length && IsWordPart(Here))
        {
            At++;
        }
        Add(TokenKind.Word, start, At - start);
    }

    private void Step()
    {
        if (Here == '\n')
        {
            if (LinesCount && open == 0)
            {
                Add(TokenKind.Line, At, 1);
            }
            Advance();
            AtLineStart = true;
            return;
        }
        if (char.IsWhiteSpace(Here))
        {
            At++;
            return;
        }
        if (!SkipComment() && !ReadLiteral())
        {
            ReadCode();
        }
        AtLineStart = false;
    }

    private void ReadCode()
    {
        if (IsWordStart(Here))
        {
            ReadWord();
        }
        else if (char.IsAsciiDigit(Here))
        {
            var start = At;
            while (char.IsLetterOrDigit(Here) || Here is '_' || (Here == '.' && char.IsAsciiDigit(Peek(1))))
            {
                At++;
            }
            Add(TokenKind.Number, start, At - start);
        }
        else
        {
            ReadSign();
        }
    }

    private void ReadSign()
    {
        var frame = frames.Count > 0 ? frames.Peek() : null;
        if (Here is '(' or '[' or '{')
        {
            Add(TokenKind.Open, At, 1);
            At++;
            if (frame is not null)
            {
                frame.Depth++;
            }
        }
        else if (frame is not null && frame.Depth == 0 && StartsWith(frame.HoleClose))
        {
            Add(TokenKind.Close, At, frame.HoleClose.Length);
            At += frame.HoleClose.Length;
            Resume(frame);
        }
        else if (Here is ')' or ']' or '}')
        {
            Add(TokenKind.Close, At, 1);
            At++;
            if (frame is { Depth: > 0 })
            {
                frame.Depth--;
            }
        }
        else if (frame is { Depth: 0, HasFormat: true } && Here == ':')
        {
            SkipFormat(frame);
        }
        else
        {
            var length = Signs.FirstOrDefault(StartsWith)?.Length ?? 1;
            Add(TokenKind.Sign, At, length);
            At += length;
        }
    }

    // what stands behind the colon of a hole is no code, but may hold holes of its own: {x:{width}}
    private void SkipFormat(TextFrame frame)
    {
        for (var depth = 0; At < Source.Length && Here != '\n'; At++)
        {
            if (depth == 0 && StartsWith(frame.HoleClose))
            {
                return;
            }
            depth += Here == '{' ? 1 : Here == '}' ? -1 : 0;
        }
    }

    private void Resume(TextFrame frame)
    {
        var (start, at) = (At, line);
        while (At < Source.Length && !(frame.EndsAtLine && Here == '\n'))
        {
            if (StartsWith(frame.Close) && !(frame.Doubles && Peek(1) == frame.Close[0]))
            {
                break;
            }
            if (StartsWith(frame.HoleOpen) && !(frame.DoublesHoles && Peek(1) == frame.HoleOpen[0]))
            {
                AddPiece(start, at);
                Add(TokenKind.Open, At, frame.HoleOpen.Length);
                At += frame.HoleOpen.Length;
                frame.Depth = 0;
                return;
            }
            var doubled = (frame.Escapes && Here == '\\') || (frame.Doubles && Here == frame.Close[0])
                || (frame.DoublesHoles && Here == frame.HoleOpen[0]);
            Advance();
            if (doubled && At < Source.Length)
            {
                Advance();
            }
        }
        AddPiece(start, at);
        var close = At < Source.Length && Here != '\n' ? frame.Close.Length : 0;
        Add(TokenKind.Close, At, close);
        At += close;
        frames.Pop();
    }

    private void AddPiece(int start, int at)
    {
        if (At > start)
        {
            Add(TokenKind.Text, start, At - start, at);
        }
    }
}

/// <summary>How a string with holes is written.</summary>
/// <param name="Doubles">Its quote is written twice to mean itself.</param>
/// <param name="DoublesHoles">So is the brace that opens a hole.</param>
/// <param name="HasFormat">A colon ends the code of a hole.</param>
internal sealed record TextFrame(string Close, string HoleOpen, string HoleClose, bool Escapes,
    bool EndsAtLine, bool Doubles = false, bool DoublesHoles = false, bool HasFormat = false)
{
    /// <summary>Brackets that are open in the hole.</summary>
    public int Depth { get; set; }
}
