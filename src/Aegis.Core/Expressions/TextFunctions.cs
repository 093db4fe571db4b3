using System.Text;

namespace Aegis.Core.Expressions;

/// <summary>contains, startsWith, endsWith, format, join. None of them looks at case.</summary>
internal static class TextFunctions
{
    public static ExpressionValue Contains(Evaluator _, ExpressionValue[] a)
    {
        if (a[0] is ExpressionValue.ArrayValue array)
        {
            return ExpressionValue.Of(array.Items.Any(item => Coercion.AreEqual(a[1], item)));
        }
        return ExpressionValue.Of(BothText(a, out var text, out var part)
            && text.Contains(part, StringComparison.OrdinalIgnoreCase));
    }

    public static ExpressionValue StartsWith(Evaluator _, ExpressionValue[] a) =>
        ExpressionValue.Of(BothText(a, out var text, out var part)
            && text.StartsWith(part, StringComparison.OrdinalIgnoreCase));

    public static ExpressionValue EndsWith(Evaluator _, ExpressionValue[] a) =>
        ExpressionValue.Of(BothText(a, out var text, out var part)
            && text.EndsWith(part, StringComparison.OrdinalIgnoreCase));

    public static ExpressionValue Join(Evaluator evaluator, ExpressionValue[] a)
    {
        if (a[0] is not ExpressionValue.ArrayValue array)
        {
            return a[0] is ExpressionValue.ObjectValue
                ? ExpressionValue.Of("")
                : evaluator.Text(Coercion.ToText(a[0]));
        }
        var separator = a.Length > 1 && Coercion.IsPrimitive(a[1]) ? Coercion.ToText(a[1]) : ",";
        var text = new StringBuilder();
        for (var i = 0; i < array.Items.Count; i++)
        {
            var part = Coercion.ToText(array.Items[i]);
            if (!evaluator.Spend(part.Length + (i > 0 ? separator.Length : 0)))
            {
                return ExpressionValue.Null;
            }
            text.Append(i > 0 ? separator : "").Append(part);
        }
        return ExpressionValue.Of(text.ToString());
    }

    public static ExpressionValue Format(Evaluator evaluator, ExpressionValue[] a)
    {
        var pattern = Coercion.ToText(a[0]);
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            var part = pattern[i].ToString();
            if (pattern[i] is '{' or '}')
            {
                if (i + 1 < pattern.Length && pattern[i + 1] == pattern[i])
                {
                    i++;
                }
                else if (Placeholder(pattern, ref i) is not { } index)
                {
                    return evaluator.Fail("AEGIS1093", "format() cannot read its pattern",
                        "{0}, {1}, …; a brace itself is doubled", Shown(pattern));
                }
                else if (index >= a.Length - 1)
                {
                    return evaluator.Fail("AEGIS1093", "format() has fewer values than its pattern asks for",
                        $"a value for {{{index}}}", $"{a.Length - 1} values");
                }
                else
                {
                    part = Coercion.ToText(a[index + 1]);
                }
            }
            if (!evaluator.Spend(part.Length))
            {
                return ExpressionValue.Null;
            }
            text.Append(part);
        }
        return ExpressionValue.Of(text.ToString());
    }

    /// <summary>Reads <c>{n}</c> at i and leaves i on its closing brace.</summary>
    private static int? Placeholder(string pattern, ref int i)
    {
        var close = pattern.IndexOf('}', i);
        if (pattern[i] != '{' || close < 0
            || !int.TryParse(pattern.AsSpan(i + 1, close - i - 1), System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture, out var index))
        {
            return null;
        }
        i = close;
        return index;
    }

    private static bool BothText(ExpressionValue[] a, out string text, out string part)
    {
        text = Coercion.ToText(a[0]);
        part = Coercion.ToText(a[1]);
        return Coercion.IsPrimitive(a[0]) && Coercion.IsPrimitive(a[1]);
    }

    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
