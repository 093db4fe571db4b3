namespace Aegis.Core.Findings.CodeRules.Lexing;

internal sealed class CSharpLexer(string source) : CodeLexer(source)
{
    private const int MarksMax = 16;

    protected override bool SkipComment()
    {
        if (StartsWith("//") || (Here == '#' && AtLineStart))
        {
            SkipLine();
            return true;
        }
        if (StartsWith("/*"))
        {
            SkipPast("*/", At + 2);
            return true;
        }
        return false;
    }

    protected override bool ReadLiteral()
    {
        if (Here == '\'')
        {
            At++;
            ReadText("'", escapes: true, endsAtLine: true);
            return true;
        }
        var (dollars, isVerbatim, marks) = (0, false, 0);
        while (marks < MarksMax && Peek(marks) is '$' or '@')
        {
            dollars += Peek(marks) == '$' ? 1 : 0;
            isVerbatim |= Peek(marks++) == '@';
        }
        if (Peek(marks) != '"')
        {
            return false;
        }
        var quotes = 1;
        while (quotes < MarksMax && Peek(marks + quotes) == '"')
        {
            quotes++;
        }
        if (quotes >= 3 && !isVerbatim)
        {
            ReadRaw(marks, quotes, dollars);
        }
        else if (dollars > 0)
        {
            ReadHoled(marks + 1, new TextFrame("\"", "{", "}", Escapes: !isVerbatim, EndsAtLine: !isVerbatim,
                Doubles: isVerbatim, DoublesHoles: true, HasFormat: true));
        }
        else
        {
            At += marks + 1;
            ReadText("\"", escapes: !isVerbatim, endsAtLine: !isVerbatim, doubles: isVerbatim);
        }
        return true;
    }

    private void ReadRaw(int marks, int quotes, int dollars)
    {
        var close = new string('"', quotes);
        if (dollars > 0)
        {
            ReadHoled(marks + quotes, new TextFrame(close, new string('{', dollars), new string('}', dollars),
                Escapes: false, EndsAtLine: false, HasFormat: true));
            return;
        }
        At += marks + quotes;
        ReadText(close, escapes: false, endsAtLine: false);
    }
}
