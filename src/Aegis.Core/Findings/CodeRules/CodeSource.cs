using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>A source cut into tokens, with the bracket that belongs to each bracket.</summary>
internal sealed class CodeSource
{
    private readonly List<CodeToken> tokens;
    private readonly int[] mates;
    private readonly HashSet<int> holes = [];

    public CodeSource(Grammar language, string text)
    {
        Language = language;
        Text = text;
        CodeLexer lexer = language switch
        {
            Grammar.JavaScript => new JavaScriptLexer(text),
            Grammar.Python => new PythonLexer(text),
            Grammar.CSharp => new CSharpLexer(text),
            Grammar.Shell => new ShellLexer(text),
            _ => new SqlLexer(text),
        };
        tokens = lexer.Read();
        mates = Mates();
    }

    public Grammar Language { get; }

    public string Text { get; }

    public int Count => tokens.Count;

    public bool IsCut => tokens.Count > CodeLexer.TokensMax;

    public CodeToken this[int at] => tokens[at];

    public TokenKind? Kind(int at) => at >= 0 && at < tokens.Count ? tokens[at].Kind : null;

    public ReadOnlySpan<char> Span(int at) => at >= 0 && at < tokens.Count
        ? Text.AsSpan(tokens[at].Start, tokens[at].Length) : [];

    public bool Is(int at, string what) => Span(at).SequenceEqual(what)
        && Kind(at) is not TokenKind.Text;

    public bool IsWord(int at) => Kind(at) == TokenKind.Word;

    public bool Mentions(string word) => Text.Contains(word, StringComparison.Ordinal);

    /// <summary>Opens a string with holes.</summary>
    public bool OpensText(int at) => Kind(at) == TokenKind.Open && Span(at) is [.., '"' or '\'' or '`'];

    /// <summary>Opens a hole of such a string.</summary>
    public bool OpensHole(int at) => holes.Contains(at);

    /// <summary>The bracket that belongs to this one; the token itself where there is none.</summary>
    public int Mate(int at) => at >= 0 && at < mates.Length && mates[at] >= 0 ? mates[at] : at;

    /// <summary>From 1.</summary>
    public int Column(int at) => tokens[at].Start - (tokens[at].Start == 0 ? -1
        : Text.LastIndexOf('\n', tokens[at].Start - 1));

    private int[] Mates()
    {
        var mates = new int[tokens.Count];
        Array.Fill(mates, -1);
        var open = new Stack<int>();
        for (var at = 0; at < tokens.Count; at++)
        {
            if (tokens[at].Kind == TokenKind.Open)
            {
                if (open.TryPeek(out var around) && OpensText(around))
                {
                    holes.Add(at);
                }
                open.Push(at);
            }
            else if (tokens[at].Kind == TokenKind.Close && open.TryPop(out var mate))
            {
                (mates[at], mates[mate]) = (mate, at);
            }
        }
        return mates;
    }
}
