using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>Tells whether a call is one that a rule means.</summary>
internal sealed class CallJudge(CodeSource source, ValueReader values)
{
    private const int ArgumentsMax = 12;
    private const int StatementTokensMax = 60;

    public bool Hits(Call call, int at, int open)
    {
        var close = Math.Min(source.Mate(open), open + ValueReader.TokensMax);
        if ((call.Receivers is not null && Array.IndexOf(call.Receivers, Receiver(at)) < 0)
            || (call.With is { } option && !Has(open, close, option))
            || (call.And is { } second && !Has(open, close, second))
            || call.Lacks.Any(word => Mentions(open, close, word, whole: true))
            || (call.Says is not null && (source.Kind(open + 1) != TokenKind.Text
                || Array.IndexOf(call.Says, source.Span(open + 1).ToString()) < 0))
            || (call.Mentions is { } parts && !parts.Any(part =>
                Mentions(StatementStart(at), StatementEnd(close), part, whole: false)))
            || (call.Unguarded is { } guard
                && Mentions(Math.Max(0, at - (StatementTokensMax / 3)), at, guard, whole: true)))
        {
            return false;
        }
        return call.Need == Facts.None || Arguments(open, close).Any(range =>
            (call.Argument == Call.AnyArgument || range.Number == call.Argument)
            && !WrittenForm.IsFunction(source, range.From)
            && !(call.SparesWrittenHost && WrittenForm.HasHost(source, range.From))
            && (values.Of(range.From, range.To) & call.Need) == call.Need);
    }

    private string Receiver(int at) => source.Span(at - 1) switch
    {
        "." or "?." => source.IsWord(at - 2) ? source.Span(at - 2).ToString() : "()",
        "new" => "new",
        _ => "",
    };

    private bool Has(int from, int to, (string Name, string Value) option)
    {
        for (var at = from; at < to; at++)
        {
            if (source.Span(at).SequenceEqual(option.Name) && source.Span(at + 1) is ":" or "="
                && (option.Value == "*any" || source.Span(at + 2).SequenceEqual(option.Value)
                    || (source.Is(at + 2, "[") && source.Span(at + 3).SequenceEqual(option.Value))))
            {
                return true;
            }
        }
        return false;
    }

    private bool Mentions(int from, int to, string part, bool whole)
    {
        for (var at = from; at < to; at++)
        {
            if (source.Kind(at) is TokenKind.Word && (whole ? source.Span(at).SequenceEqual(part)
                : source.Span(at).Contains(part, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }
        return false;
    }

    private int StatementStart(int at)
    {
        var first = Math.Max(0, at - (StatementTokensMax / 3));
        while (at > first && source.Kind(at - 1) is not TokenKind.Line
            && source.Span(at - 1) is not (";" or "{" or "}"))
        {
            at--;
        }
        return at;
    }

    // md5(…).update(password): the chain behind the call belongs to it
    private int StatementEnd(int close)
    {
        var at = close;
        while (at < close + StatementTokensMax && source.Kind(at) is not (null or TokenKind.Line)
            && !source.Is(at, ";"))
        {
            at++;
        }
        return at;
    }

    private IEnumerable<(int Number, int From, int To)> Arguments(int open, int close)
    {
        var (number, from) = (0, open + 1);
        for (var at = open + 1; at < close && number < ArgumentsMax; at++)
        {
            if (source.Is(at, ","))
            {
                yield return (number++, from, at);
                from = at + 1;
            }
            at = source.Kind(at) == TokenKind.Open ? source.Mate(at) : at;
        }
        if (from < close)
        {
            yield return (number, from, close);
        }
    }
}
