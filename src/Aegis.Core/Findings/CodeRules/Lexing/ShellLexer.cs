namespace Aegis.Core.Findings.CodeRules.Lexing;

// The policy's own reader of command lines refuses what it does not know, ends at 256 commands and forgets
// the quotes: right for a line that is about to run, wrong for a script of somebody else that is only read.

/// <summary>Scripts of sh and bash. A variable is a string with one hole; blanks between words are not kept,
/// a word of several parts is told by their touching.</summary>
internal sealed class ShellLexer(string source) : CodeLexer(source)
{
    private const string WordSigns = "-./:=@%+,~^*?!";

    protected override bool LinesCount => true;

    protected override bool IsWordStart(char c) => IsWordPart(c);

    protected override bool IsWordPart(char c) =>
        base.IsWordPart(c) || WordSigns.Contains(c, StringComparison.Ordinal);

    protected override bool SkipComment()
    {
        if (Here == '\\')
        {
            AdvanceTo(At + 2);
            return true;
        }
        if (Here != '#' || (At > 0 && !char.IsWhiteSpace(Source[At - 1])
            && Source[At - 1] is not (';' or '(')))
        {
            return false;
        }
        SkipLine();
        return true;
    }

    protected override bool ReadLiteral()
    {
        switch (Here)
        {
            case '\'':
                At++;
                ReadText("'", escapes: false, endsAtLine: false);
                return true;
            case '"':
                ReadQuoted();
                return true;
            case '$':
                ReadDollar();
                return true;
            default:
                return false;
        }
    }

    private void ReadQuoted()
    {
        Add(TokenKind.Open, At, 1);
        At++;
        var start = At;
        while (At < Source.Length && Here != '"')
        {
            if (Here is '$' && IsExpansion())
            {
                AddPiece(start);
                ReadDollar();
                start = At;
                continue;
            }
            if (Here == '\\')
            {
                Advance();
            }
            if (At < Source.Length)
            {
                Advance();
            }
        }
        AddPiece(start);
        Add(TokenKind.Close, At, At < Source.Length ? 1 : 0);
        At += At < Source.Length ? 1 : 0;
    }

    private void AddPiece(int start)
    {
        if (At > start)
        {
            Add(TokenKind.Text, start, At - start);
        }
    }

    private bool IsExpansion() => char.IsLetterOrDigit(Peek(1)) || Peek(1) is '_' or '{' or '(' or '@' or '*';

    // $name, ${name…}, $(command), $((sum)): one hole; of a command only that it is there
    private void ReadDollar()
    {
        var start = At;
        var close = Peek(1) switch { '{' => '}', '(' => ')', _ => '\0' };
        if (close == '\0')
        {
            At += IsExpansion() ? 2 : 1;
            while (At < Source.Length && base.IsWordPart(Here) && Source[start + 1] is not ('@' or '*'))
            {
                At++;
            }
            Hole(start, start + 1, At);
            return;
        }
        var opener = Peek(1);
        At += 2;
        for (var depth = 1; At < Source.Length; Advance())
        {
            depth += Here == opener ? 1 : Here == close ? -1 : 0;
            if (depth == 0)
            {
                break;
            }
        }
        Hole(start, start + 2, At);
        At += At < Source.Length ? 1 : 0;
    }

    private void Hole(int start, int from, int end)
    {
        Add(TokenKind.Open, start, from - start);
        Add(TokenKind.Word, from, end - from);
        Add(TokenKind.Close, end, 0);
    }
}
