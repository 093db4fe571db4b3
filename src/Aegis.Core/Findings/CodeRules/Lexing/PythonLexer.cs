namespace Aegis.Core.Findings.CodeRules.Lexing;

internal sealed class PythonLexer(string source) : CodeLexer(source)
{
    private const int PrefixCharsMax = 2;

    protected override bool LinesCount => true;

    protected override bool SkipComment()
    {
        if (Here == '\\' && Peek(1) == '\n')
        {
            AdvanceTo(At + 2);
            return true;
        }
        if (Here != '#')
        {
            return false;
        }
        SkipLine();
        return true;
    }

    protected override bool ReadLiteral()
    {
        var prefix = 0;
        while (prefix < PrefixCharsMax
            && Peek(prefix) is 'r' or 'R' or 'b' or 'B' or 'f' or 'F' or 'u' or 'U')
        {
            prefix++;
        }
        if (Peek(prefix) is not ('"' or '\''))
        {
            return false;
        }
        var letters = Source.AsSpan(At, prefix);
        var (isHoled, isRaw) = (letters.ContainsAny('f', 'F'), letters.ContainsAny('r', 'R'));
        var quote = Peek(prefix);
        var isLong = Peek(prefix + 1) == quote && Peek(prefix + 2) == quote;
        var close = new string(quote, isLong ? 3 : 1);
        if (isHoled)
        {
            ReadHoled(prefix + close.Length, new TextFrame(close, "{", "}", Escapes: !isRaw,
                EndsAtLine: !isLong, DoublesHoles: true, HasFormat: true));
            return true;
        }
        At += prefix + close.Length;
        // a backslash keeps the quote behind it inside a raw string too
        ReadText(close, escapes: true, endsAtLine: !isLong);
        return true;
    }
}
