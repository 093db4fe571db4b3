using System.Globalization;
using System.Text;

namespace Aegis.Core.Expressions;

/// <summary><c>format('{0} {1}', a, b)</c>. A brace itself is doubled; what stands behind the digits in the
/// braces is passed over, as GitHub's library does.</summary>
internal static class FormatFunction
{
    public static ExpressionValue Format(Evaluator evaluator, ExpressionValue[] a)
    {
        var pattern = Coercion.ToText(a[0]);
        var text = new StringBuilder();
        var at = 0;
        while (at < pattern.Length)
        {
            var brace = pattern.AsSpan(at).IndexOfAny('{', '}');
            var literal = brace < 0 ? pattern.Length - at : brace;
            var part = "";
            text.Append(pattern, at, literal);
            at += literal;
            if (brace >= 0 && !TryReadBrace(evaluator, pattern, a, ref at, out part))
            {
                return ExpressionValue.Null;
            }
            if (!evaluator.Spend(literal + part.Length))
            {
                return ExpressionValue.Null;
            }
            text.Append(part);
        }
        return ExpressionValue.Of(text.ToString());
    }

    /// <summary>Reads a doubled brace or <c>{n}</c> at the place, and moves the place behind it.</summary>
    private static bool TryReadBrace(Evaluator evaluator, string pattern, ExpressionValue[] a, ref int at,
        out string part)
    {
        part = "";
        if (at + 1 < pattern.Length && pattern[at + 1] == pattern[at])
        {
            part = pattern[at].ToString();
            at += 2;
            return true;
        }
        var close = pattern.IndexOf('}', at);
        var digits = at + 1;
        while (digits < close && char.IsAsciiDigit(pattern[digits]))
        {
            digits++;
        }
        if (pattern[at] == '}' || close < 0 || digits == at + 1)
        {
            evaluator.Fail("AEGIS1093", "format() cannot read its pattern",
                "{0}, {1}, …; a brace itself is doubled", Lexer.Shown(pattern));
            return false;
        }
        var number = pattern.AsSpan(at + 1, digits - at - 1);
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || index >= a.Length - 1)
        {
            evaluator.Fail("AEGIS1093", "format() has fewer values than its pattern asks for",
                $"a value for {{{Lexer.Shown(number.ToString())}}}", $"{a.Length - 1} values");
            return false;
        }
        part = Coercion.ToText(a[index + 1]);
        at = close + 1;
        return true;
    }
}
