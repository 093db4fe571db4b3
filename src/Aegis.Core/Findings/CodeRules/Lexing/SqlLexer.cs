namespace Aegis.Core.Findings.CodeRules.Lexing;

/// <summary>SQL of PostgreSQL, SQLite, MySQL and SQL Server. The body between dollar quotes is code; quoted
/// names are words.</summary>
internal sealed class SqlLexer(string source) : CodeLexer(source)
{
    protected override bool IsWordStart(char c) => base.IsWordStart(c) || c is '@' or '"' or '`';

    protected override bool IsWordPart(char c) => base.IsWordPart(c) || c is '@' or '"' or '`' or '$';

    protected override bool SkipComment()
    {
        if (StartsWith("--"))
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
        var escapes = Here is 'E' or 'e' && Peek(1) == '\'';
        if (!escapes && Here != '\'')
        {
            return false;
        }
        At += escapes ? 2 : 1;
        ReadText("'", escapes, endsAtLine: false, doubles: true);
        return true;
    }
}
