using System.Buffers;
using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Reads what is known of a value from the tokens that write it.</summary>
internal sealed class ValueReader(CodeSource source, KnownNames names)
{
    /// <summary>Tokens of one value; what stands behind them is not looked at.</summary>
    public const int TokensMax = 400;

    /// <summary>All steps in one file. Nested code is looked at again for each nesting: this bound makes the
    /// time linear in the length.</summary>
    public const long StepsMax = 20_000_000;

    /// <summary>Values inside values, such as holes of strings in holes of strings: what is nested deeper is
    /// too tangled, so that no file is more than the stack holds.</summary>
    public const int DepthMax = 100;

    private const int TextCharsMax = 240;
    private const int MarkTokensMax = 40;

    private static readonly SearchValues<char> PlaceHolders = SearchValues.Create("?%s$, ()");

    private readonly Vocabulary words = Vocabulary.Of(source.Language);
    private long steps;
    private int depth;

    /// <summary>The file was too tangled to be read to its end.</summary>
    public bool IsSpent => steps > StepsMax;

    /// <param name="to">The first token behind it.</param>
    public Facts Of(int from, int to)
    {
        to = Math.Min(to, from + TokensMax);
        if (IsPlaceHolders(from, to))
        {
            return Facts.Text;
        }
        if (depth == DepthMax)
        {
            steps = StepsMax + 1;
            return Facts.None;
        }
        depth++;
        var facts = Facts.None;
        for (var at = from; at < to && !IsSpent; at++)
        {
            steps++;
            facts |= Read(ref at, to);
        }
        depth--;
        return facts;
    }

    private Facts Read(ref int at, int to)
    {
        switch (source.Kind(at))
        {
            case TokenKind.Text:
                return OfText(source.Span(at));
            case TokenKind.Open when source.OpensText(at) && IsTagged(at):
                at = source.Mate(at);
                return Facts.Text;
            case TokenKind.Open when source.OpensHole(at):
                var inside = Of(at + 1, source.Mate(at));
                at = source.Mate(at);
                return inside | ((inside & Facts.Unknown) != 0 ? Facts.Built : 0);
            case TokenKind.Sign when source.Is(at, "+"):
                return EndsValue(at - 1) ? Joined(at, to) : Facts.None;
            case TokenKind.Sign when source.Is(at, "%") && source.Language == Grammar.Python:
                return IsText(at - 1) && (Of(at + 1, to) & Facts.Unknown) != 0 ? Facts.Built : Facts.None;
            case TokenKind.Word:
                return OfWord(ref at, to);
            default:
                return Facts.None;
        }
    }

    /// <summary>sql`…` binds its holes; a word before a quote that is a prefix or a keyword tags
    /// nothing.</summary>
    private bool IsTagged(int at) => source.Language == Grammar.JavaScript && source.IsWord(at - 1)
        && !words.IsQuiet(source.Span(at - 1)) && source.Span(at - 1) is not "raw"
        && source[at - 1].Start + source[at - 1].Length == source[at].Start;

    private Facts OfWord(ref int at, int to)
    {
        var word = source.Span(at);
        var isMember = source.Is(at - 1, ".") || source.Is(at - 1, "?.");
        var isCall = source.Is(at + 1, "(");
        if (words.Tames(word) && (isCall || isMember))
        {
            at = isCall ? Math.Max(at, source.Mate(at + 1)) : at;
            return Facts.None;
        }
        if (isMember)
        {
            return isCall ? Formatted(word, at, to) : Facts.None;
        }
        if (words.IsQuiet(word) || IsKey(at))
        {
            return Facts.None;
        }
        var end = ChainEnd(at, to, out var tamed, out var isRequest);
        if (tamed)
        {
            at = end - 1;
            return Facts.None;
        }
        if (isRequest)
        {
            return Facts.Request | Facts.Unknown;
        }
        return names.Find(word) is { } known
            ? (known & Facts.Function) == 0 ? known : isCall ? known & ~Facts.Function : Facts.None
            : IsConstant(word) ? Facts.None : Facts.Unknown;
    }

    /// <summary>"…".format(x), ["…", x].join(""), String.Format("…", x), builder.Append(x).</summary>
    private Facts Formatted(ReadOnlySpan<char> word, int at, int to)
    {
        if (word is not ("format" or "Format" or "concat" or "Concat" or "join" or "Join" or "replace"
            or "Replace" or "format_map"))
        {
            return Facts.None;
        }
        var isReplacing = word is "replace" or "Replace";
        var arguments = Of(at + 2, Math.Min(to, source.Mate(at + 1)));
        var isOfText = source.Kind(at - 2) is TokenKind.Text
            || (source.Kind(at - 2) == TokenKind.Close && !source.Is(at - 2, ")"))
            || (names.Find(source.Span(at - 2)) ?? 0).HasFlag(Facts.Text);
        var hasText = isOfText || (!isReplacing && arguments.HasFlag(Facts.Text));
        var isUnknown = arguments.HasFlag(Facts.Unknown)
            || (!isReplacing && (names.Find(source.Span(at - 2)) ?? 0).HasFlag(Facts.Unknown))
                || (source.Is(at - 2, "]")
            && Of(source.Mate(at - 2), at - 2).HasFlag(Facts.Unknown));
        return hasText && isUnknown ? Facts.Built : Facts.None;
    }

    // ids.map(() => '?').join(', ') and ", ".join("?" for x in ids) write no value, only place holders
    private bool IsPlaceHolders(int from, int to)
    {
        var (hasMark, isJoined) = (false, false);
        for (var at = from; at < to && to - from <= MarkTokensMax; at++)
        {
            steps++;
            if (source.Kind(at) == TokenKind.Text)
            {
                var text = source.Span(at);
                hasMark |= text.ContainsAny('?', '%', '$');
                if (text.IndexOfAnyExcept(PlaceHolders) >= 0)
                {
                    return false;
                }
            }
            isJoined |= source.Span(at) is "join" or "repeat" or "Join" or "Repeat";
        }
        return hasMark && isJoined;
    }

    // what stands behind "(" or "return" has no left side: it makes a number of the right one
    private bool EndsValue(int at) => source.Kind(at) is TokenKind.Text or TokenKind.Number or TokenKind.Close
        || (source.IsWord(at) && source.Span(at) is not ("return" or "case" or "typeof" or "await" or "yield"
            or "in" or "of" or "else" or "not" or "and" or "or"));

    private Facts Joined(int at, int to)
    {
        var left = Left(at - 1);
        var right = Right(at + 1, to);
        return ((left | right) & Facts.Text) != 0 && ((left | right) & Facts.Unknown) != 0
            ? Facts.Built : Facts.None;
    }

    private Facts Left(int last)
    {
        if (source.Kind(last) == TokenKind.Text)
        {
            return Facts.Text;
        }
        var first = ChainStart(last);
        return first > last ? Facts.None : IsText(last) ? Facts.Text | Of(first, last + 1)
            : Of(first, last + 1);
    }

    private Facts Right(int first, int to)
    {
        if (source.Kind(first) == TokenKind.Text)
        {
            return Facts.Text;
        }
        if (source.Kind(first) == TokenKind.Open)
        {
            return Of(first, Math.Min(to, source.Mate(first) + 1));
        }
        var head = first;
        while (head < to && source.IsWord(head) && words.IsQuiet(source.Span(head)))
        {
            head += source.Is(head + 1, ".") ? 2 : 1;
        }
        return head >= to ? Facts.None : Of(first, ChainEnd(head, to, out _, out _));
    }

    private bool IsText(int at) => source.Kind(at) == TokenKind.Text
        || (source.Kind(at) == TokenKind.Close && source.OpensText(source.Mate(at)))
        || (source.IsWord(at) && (names.Find(source.Span(at)) ?? 0).HasFlag(Facts.Text));

    /// <summary>Behind the last token of a.b(c)[d].</summary>
    private int ChainEnd(int at, int to, out bool tamed, out bool isRequest)
    {
        var isHead = words.IsRequest(source.Span(at));
        (tamed, isRequest) = (false, isHead && source.Span(at) is "parse_qs" or "parse_qsl");
        var end = at + 1;
        while (end < to)
        {
            steps++;
            if (source.Is(end, ".") || source.Is(end, "?."))
            {
                var member = source.Span(end + 1);
                tamed |= words.Tames(member);
                isRequest |= (isHead && words.IsRequestMember(member)) || member is "searchParams";
                end += 2;
            }
            else if (source.Is(end, "(") || source.Is(end, "["))
            {
                end = source.Mate(end) + 1;
            }
            else if (source.Is(end, "!") && source.Is(end + 1, "."))
            {
                end++;
            }
            else
            {
                break;
            }
        }
        isRequest &= !tamed;
        return Math.Min(end, to);
    }

    private int ChainStart(int last)
    {
        var at = last;
        for (var moves = 0; moves < TokensMax && at >= 0; moves++)
        {
            steps++;
            at = source.Kind(at) == TokenKind.Close ? source.Mate(at) : at;
            if (source.Kind(at) == TokenKind.Open && source.IsWord(at - 1)
                && !words.IsQuiet(source.Span(at - 1)))
            {
                at--;
            }
            if (!source.Is(at - 1, ".") && !source.Is(at - 1, "?."))
            {
                break;
            }
            at -= 2;
        }
        return Math.Max(0, at);
    }

    // { name: value } and f(name=value) name no value
    private bool IsKey(int at) => (source.Is(at + 1, ":") && (source.Is(at - 1, "{") || source.Is(at - 1,
        ",")))
        || (source.Is(at + 1, "=") && source.Language == Grammar.Python);

    private static bool IsConstant(ReadOnlySpan<char> word)
    {
        var hasLetter = false;
        foreach (var c in word)
        {
            if (char.IsLower(c))
            {
                return false;
            }
            hasLetter |= char.IsUpper(c);
        }
        return hasLetter && word.Length > 1;
    }

    private static Facts OfText(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, TextCharsMax)];
        return Facts.Text | (SqlText.Is(text) ? Facts.Sql : 0) | (IsHtml(text) ? Facts.Html : 0);
    }

    private static bool IsHtml(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf('<');
        return at >= 0 && at + 1 < text.Length && (char.IsAsciiLetter(text[at + 1])
            || text[at + 1] is '/' or '!');
    }
}
