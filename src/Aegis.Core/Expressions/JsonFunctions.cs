using System.Text;
using System.Text.Json;

namespace Aegis.Core.Expressions;

/// <summary>toJSON (two spaces of indent, line feeds) and fromJSON.</summary>
internal static class JsonFunctions
{
    public static ExpressionValue ToJson(Evaluator evaluator, ExpressionValue[] a)
    {
        var text = new StringBuilder();
        return JsonText.TryWrite(text, a[0], isIndented: true)
            ? evaluator.Text(text.ToString())
            : evaluator.Fail("AEGIS1094", "the value is too large or too deep for toJSON()",
                $"at most {Expression.TextMax} characters and {JsonText.DepthMax} levels", null,
                "name the member you need");
    }

    public static ExpressionValue FromJson(Evaluator evaluator, ExpressionValue[] a)
    {
        var text = Coercion.ToText(a[0]);
        if (!WellFormedText.IsValid(text))
        {
            return evaluator.Fail("AEGIS1096", "fromJSON() got half of a surrogate pair", "well-formed text");
        }
        try
        {
            using var document = JsonDocument.Parse(text,
                new JsonDocumentOptions { MaxDepth = JsonText.DepthMax });
            return WellFormedText.IsValid(document.RootElement)
                ? ExpressionValue.FromJson(document.RootElement.Clone())
                : evaluator.Fail("AEGIS1096", "fromJSON() got half of a surrogate pair", "well-formed text");
        }
        catch (JsonException e)
        {
            return evaluator.Fail("AEGIS1093", "fromJSON() got no JSON", "one JSON value",
                text.Length == 0 ? "empty text" : $"an error at character {e.BytePositionInLine + 1}"
                + $" of line {e.LineNumber + 1}");
        }
    }
}
