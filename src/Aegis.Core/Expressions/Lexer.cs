using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>Cuts an expression into tokens by the rules of GitHub's library: a dot after a name, <c>)</c>,
/// <c>]</c> or <c>*</c> is a dereference and anything else that begins with a dot or sign is a number; a word
/// after a dereference is a name even where it reads <c>true</c>.</summary>
internal sealed class Lexer(string text)
{
    private readonly List<Token> tokens = [];
    private int at;

    public ExpressionFault? Fault { get; private set; }

    public List<Token> Read()
    {
        while (Fault is null)
        {
            while (at < text.Length && text[at] is ' ' or '\t' or '\r' or '\n')
            {
                at++;
            }
            if (at == text.Length)
            {
                break;
            }
            ReadToken();
        }
        tokens.Add(new Token(TokenKind.End, text.Length, ""));
        return tokens;
    }

    private void ReadToken()
    {
        var next = at + 1 < text.Length ? text[at + 1] : '\0';
        switch (text[at])
        {
            case '(': Add(TokenKind.Open, 1); break;
            case ')': Add(TokenKind.Close, 1); break;
            case '[': Add(TokenKind.OpenIndex, 1); break;
            case ']': Add(TokenKind.CloseIndex, 1); break;
            case ',': Add(TokenKind.Comma, 1); break;
            case '*': Add(TokenKind.Star, 1); break;
            case '.' when AfterValue(): Add(TokenKind.Dot, 1); break;
            case '!' when next == '=': Add(TokenKind.NotEqual, 2); break;
            case '!': Add(TokenKind.Not, 1); break;
            case '=' when next == '=': Add(TokenKind.Equal, 2); break;
            case '>' when next == '=': Add(TokenKind.GreaterOrEqual, 2); break;
            case '>': Add(TokenKind.Greater, 1); break;
            case '<' when next == '=': Add(TokenKind.LessOrEqual, 2); break;
            case '<': Add(TokenKind.Less, 1); break;
            case '&' when next == '&': Add(TokenKind.And, 2); break;
            case '|' when next == '|': Add(TokenKind.Or, 2); break;
            case '\'': ReadString(); break;
            case '.' or '+' or '-' or (>= '0' and <= '9'): ReadNumber(); break;
            default: ReadName(); break;
        }
    }

    private bool AfterValue() => tokens.Count > 0
        && tokens[^1].Kind is TokenKind.Name or TokenKind.Close or TokenKind.CloseIndex or TokenKind.Star;

    private void Add(TokenKind kind, int length, ExpressionValue? value = null)
    {
        tokens.Add(new Token(kind, at, text.Substring(at, length), value));
        at += length;
    }

    private void ReadString()
    {
        var end = at + 1;
        while (end < text.Length && (text[end] != '\'' || (end + 1 < text.Length && text[end + 1] == '\'')))
        {
            end += text[end] == '\'' ? 2 : 1;
        }
        if (end >= text.Length)
        {
            Fault = new ExpressionFault(at, new AegisError("AEGIS1080", "a string has no closing quote",
                "'…'", Shown(text[at..]), "close it with '; a quote inside a string is written ''"));
            return;
        }
        Add(TokenKind.Literal, end + 1 - at, ExpressionValue.Of(Unescaped(text[(at + 1)..end])));
    }

    // GitHub's library undoubles the first pair of quotes only; see docs/dsl.md
    private static string Unescaped(string content)
    {
        var pair = content.IndexOf("''", StringComparison.Ordinal);
        return pair < 0 ? content : content.Remove(pair, 1);
    }

    private void ReadNumber()
    {
        var length = WordLength(at, alsoDots: true);
        var word = text.Substring(at, length);
        var number = NumberText.Parse(word);
        if (double.IsNaN(number))
        {
            Fault = new ExpressionFault(at, new AegisError("AEGIS1080", "this is not a number",
                "a number such as 5, -1.5, 1e3, 0xff", Shown(word)));
            return;
        }
        Add(TokenKind.Literal, length, ExpressionValue.Of(number));
    }

    private void ReadName()
    {
        var length = Math.Max(1, WordLength(at, alsoDots: false));
        var word = text.Substring(at, length);
        if (!IsName(word))
        {
            Fault = new ExpressionFault(at, new AegisError("AEGIS1080", "unexpected symbol",
                "a name, a literal or an operator", Shown(word), MendOf(word[0])));
            return;
        }
        var isMember = tokens.Count > 0 && tokens[^1].Kind == TokenKind.Dot;
        var value = isMember ? null : Keyword(word);
        Add(value is null ? TokenKind.Name : TokenKind.Literal, length, value);
    }

    private static string? MendOf(char first) => first switch
    {
        '"' => "strings are written in single quotes",
        '=' => "equality is ==",
        '&' => "and is &&",
        '|' => "or is ||",
        _ => null,
    };

    private static ExpressionValue? Keyword(string word) => word switch
    {
        "true" => ExpressionValue.True,
        "false" => ExpressionValue.False,
        "null" => ExpressionValue.Null,
        "NaN" => ExpressionValue.Of(double.NaN),
        "Infinity" => ExpressionValue.Of(double.PositiveInfinity),
        _ => null,
    };

    private int WordLength(int from, bool alsoDots)
    {
        var end = from + 1;
        while (end < text.Length && (!IsBoundary(text[end]) || (alsoDots && text[end] == '.')))
        {
            end++;
        }
        return end - from;
    }

    private static bool IsBoundary(char c) =>
        c is '(' or ')' or '[' or ']' or ',' or '.' or '!' or '>' or '<' or '=' or '&' or '|' || IsSpace(c);

    /// <summary>ECMAScript's white space: it ends a word, but only four of its characters may stand between
    /// words.</summary>
    internal static bool IsSpace(char c) =>
        c == '\uFEFF' || (c != '\u0085' && char.IsWhiteSpace(c));

    internal static bool IsName(ReadOnlySpan<char> word)
    {
        if (word.IsEmpty || !(char.IsAsciiLetter(word[0]) || word[0] == '_'))
        {
            return false;
        }
        foreach (var c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }
        return true;
    }

    internal static string Shown(string part) => part.Length <= 40 ? part : part[..40] + "…";
}
