using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aegis.Core.Expressions;

/// <summary>toJSON (two spaces of indent, line feeds) and fromJSON.</summary>
internal static class JsonFunctions
{
    public const int DepthMax = 64;

    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = DepthMax + 2,
    };

    public static ExpressionValue ToJson(Evaluator evaluator, ExpressionValue[] a)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            if (!TryWrite(writer, a[0], 0))
            {
                return evaluator.Fail("AEGIS1094", "the value is too large or too deep for toJSON()",
                    $"at most {Expression.TextMax} bytes and {DepthMax} levels", null,
                    "name the member you need");
            }
        }
        return evaluator.Text(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
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
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DepthMax });
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

    /// <summary>False where the value is deeper or larger than allowed; the writer is of no use
    /// then.</summary>
    internal static bool TryWrite(Utf8JsonWriter writer, ExpressionValue value, int depth)
    {
        if (depth > DepthMax || writer.BytesCommitted + writer.BytesPending > Expression.TextMax)
        {
            return false;
        }
        switch (value)
        {
            case ExpressionValue.BooleanValue b:
                writer.WriteBooleanValue(b.Value);
                return true;
            case ExpressionValue.NumberValue n:
                WriteNumber(writer, n.Value);
                return true;
            case ExpressionValue.StringValue s:
                writer.WriteStringValue(WellFormedText.Mended(s.Value));
                return true;
            case ExpressionValue.ArrayValue array:
                writer.WriteStartArray();
                if (!array.Items.All(item => TryWrite(writer, item, depth + 1)))
                {
                    return false;
                }
                writer.WriteEndArray();
                return true;
            case ExpressionValue.ObjectValue o:
                return TryWriteObject(writer, o, depth);
            default:
                writer.WriteNullValue();
                return true;
        }
    }

    private static bool TryWriteObject(Utf8JsonWriter writer, ExpressionValue.ObjectValue o, int depth)
    {
        writer.WriteStartObject();
        foreach (var (name, member) in o.Members.Entries())
        {
            writer.WritePropertyName(WellFormedText.Mended(name));
            if (!TryWrite(writer, member, depth + 1))
            {
                return false;
            }
        }
        writer.WriteEndObject();
        return true;
    }

    // JSON has no NaN and no infinity; JavaScript writes null for them
    private static void WriteNumber(Utf8JsonWriter writer, double number)
    {
        if (!double.IsFinite(number))
        {
            writer.WriteNullValue();
        }
        else if (number == Math.Floor(number) && Math.Abs(number) <= 9_007_199_254_740_992)
        {
            writer.WriteNumberValue((long)number);
        }
        else
        {
            writer.WriteRawValue(Coercion.ToText(number));
        }
    }
}
