using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>Cuts an expression into tokens by the rules of GitHub's runner: a dot after a name, <c>)</c>,
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
            while (at < text.Length && char.IsWhiteSpace(text[at]))
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
        var content = new System.Text.StringBuilder();
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] != '\'')
            {
                content.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == '\'')
            {
                content.Append('\'');
                i++;
            }
            else
            {
                Add(TokenKind.Literal, i + 1 - at, ExpressionValue.Of(content.ToString()));
                return;
            }
        }
        Fault = new ExpressionFault(at, new AegisError("AEGIS1080", "a string has no closing quote",
            "'…'", Shown(text[at..]), "close it with '; a quote inside a string is written ''"));
    }

    private void ReadNumber()
    {
        var length = WordLength(at, alsoDots: true);
        var word = text.Substring(at, length);
        var number = Coercion.ParseNumber(word);
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
        c is '(' or ')' or '[' or ']' or ',' or '.' or '!' or '>' or '<' or '=' or '&' or '|' or '\''
        || char.IsWhiteSpace(c);

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

    private static string Shown(string part) => part.Length <= 40 ? part : part[..40] + "…";
}
