using System.Text;

namespace Aegis.Core.Expressions;

/// <summary>contains, startsWith, endsWith, join. None of them looks at case.</summary>
internal static class TextFunctions
{
    public static ExpressionValue Contains(Evaluator _, ExpressionValue[] a)
    {
        if (a[0] is ExpressionValue.ArrayValue array)
        {
            return ExpressionValue.Of(array.Items.Any(item => Coercion.AreEqual(a[1], item)));
        }
        return ExpressionValue.Of(BothText(a, out var text, out var part)
            && LetterCase.Lower(text).Contains(LetterCase.Lower(part), StringComparison.Ordinal));
    }

    public static ExpressionValue StartsWith(Evaluator _, ExpressionValue[] a) =>
        ExpressionValue.Of(BothText(a, out var text, out var part)
            && LetterCase.Upper(text).StartsWith(LetterCase.Upper(part), StringComparison.Ordinal));

    public static ExpressionValue EndsWith(Evaluator _, ExpressionValue[] a) =>
        ExpressionValue.Of(BothText(a, out var text, out var part)
            && LetterCase.Upper(text).EndsWith(LetterCase.Upper(part), StringComparison.Ordinal));

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

    private static bool BothText(ExpressionValue[] a, out string text, out string part)
    {
        text = Coercion.ToText(a[0]);
        part = Coercion.ToText(a[1]);
        return Coercion.IsPrimitive(a[0]) && Coercion.IsPrimitive(a[1]);
    }
}
