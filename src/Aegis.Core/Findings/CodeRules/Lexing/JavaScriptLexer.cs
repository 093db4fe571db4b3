using System.Collections.Frozen;

namespace Aegis.Core.Findings.CodeRules.Lexing;

/// <summary>JavaScript and TypeScript. Text between the tags of JSX is read as code.</summary>
internal sealed class JavaScriptLexer(string source) : CodeLexer(source)
{
    private const int PatternCharsMax = 2_000;

    private static readonly FrozenSet<string> BeforePattern = FrozenSet.Create(StringComparer.Ordinal,
        "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await",
        "yield", "instanceof");

    // a slash before this place has been seen to begin no pattern, so that nothing is read twice
    private int noPatternBefore;

    protected override bool IsWordStart(char c) => base.IsWordStart(c) || c is '$' or '#';

    protected override bool IsWordPart(char c) => base.IsWordPart(c) || c == '$' || c == '#';

    protected override bool SkipComment()
    {
        if (StartsWith("//") || (At == 0 && StartsWith("#!")))
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
        if (Here is '"' or '\'')
        {
            var quote = Here == '"' ? "\"" : "'";
            At++;
            ReadText(quote, escapes: true, endsAtLine: true);
            return true;
        }
        if (Here == '`')
        {
            ReadHoled(1, new TextFrame("`", "${", "}", Escapes: true, EndsAtLine: false));
            return true;
        }
        return Here == '/' && ReadPattern();
    }

    private bool ReadPattern()
    {
        if (At < noPatternBefore || !MayBegin())
        {
            return false;
        }
        var inClass = false;
        for (var end = At + 1; ; end++)
        {
            if (end >= Source.Length || Source[end] == '\n' || end - At > PatternCharsMax)
            {
                noPatternBefore = end;
                return false;
            }
            if (Source[end] == '\\')
            {
                end++;
            }
            else if (Source[end] == '/' && !inClass)
            {
                Add(TokenKind.Number, At, end + 1 - At);
                AdvanceTo(end + 1);
                return true;
            }
            else
            {
                inClass = Source[end] == '[' || (inClass && Source[end] != ']');
            }
        }
    }

    private bool MayBegin() => Last is not { } last || last.Kind is TokenKind.Sign or TokenKind.Open
        || (last.Kind == TokenKind.Close && Source[last.Start] == '}')
        || (last.Kind == TokenKind.Word && last.Length < 12
            && BeforePattern.Contains(Source.Substring(last.Start, last.Length)));
}
