using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aegis.Core.Plans.Source;

internal enum ScalarKind
{
    Text,
    Null,
    Boolean,
    Integer,
    Float,

    /// <summary>A float that JSON has no number for: infinity, NaN, or beyond a double.</summary>
    NotFinite,
}

/// <summary>YAML 1.2's core schema: what a plain scalar means. So <c>on</c>, <c>yes</c> and <c>1:30</c> are
/// strings, and <c>0o17</c> is a number.</summary>
internal static partial class CoreSchema
{
    /// <summary>Longer digits are a string: nobody means a number by them.</summary>
    public const int NumberLengthMax = 40;

    public static ScalarKind KindOf(ScalarNode scalar)
    {
        var text = scalar.Text;
        if (!scalar.IsPlain)
        {
            return ScalarKind.Text;
        }
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return ScalarKind.Null;
            case "true" or "True" or "TRUE" or "false" or "False" or "FALSE":
                return ScalarKind.Boolean;
            case ".nan" or ".NaN" or ".NAN":
                return ScalarKind.NotFinite;
        }
        if (text.Length > NumberLengthMax)
        {
            return ScalarKind.Text;
        }
        if (IntegerPattern().IsMatch(text))
        {
            return ScalarKind.Integer;
        }
        if (InfinityPattern().IsMatch(text))
        {
            return ScalarKind.NotFinite;
        }
        if (!FloatPattern().IsMatch(text))
        {
            return ScalarKind.Text;
        }
        return double.IsFinite(FloatOf(text)) ? ScalarKind.Float : ScalarKind.NotFinite;
    }

    public static bool BooleanOf(ScalarNode scalar) => scalar.Text[0] is 't' or 'T';

    /// <summary>The value of an integer or a float, as JSON writes it.</summary>
    public static string JsonNumberOf(ScalarNode scalar) => KindOf(scalar) == ScalarKind.Integer
        ? IntegerOf(scalar.Text).ToString(CultureInfo.InvariantCulture)
        : FloatOf(scalar.Text).ToString("R", CultureInfo.InvariantCulture);

    public static double DoubleOf(ScalarNode scalar) => KindOf(scalar) == ScalarKind.Integer
        ? (double)IntegerOf(scalar.Text)
        : FloatOf(scalar.Text);

    /// <summary>False where a scalar has no JSON value; kinds other than scalars are written whole.</summary>
    public static void Write(Utf8JsonWriter writer, SourceNode node)
    {
        switch (node)
        {
            case MappingNode map:
                writer.WriteStartObject();
                foreach (var member in map.Members)
                {
                    writer.WritePropertyName(member.Key.Text);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case SequenceNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            case ScalarNode scalar:
                WriteScalar(writer, scalar);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, ScalarNode scalar)
    {
        switch (KindOf(scalar))
        {
            case ScalarKind.Null:
                writer.WriteNullValue();
                break;
            case ScalarKind.Boolean:
                writer.WriteBooleanValue(BooleanOf(scalar));
                break;
            case ScalarKind.Integer or ScalarKind.Float:
                writer.WriteRawValue(JsonNumberOf(scalar));
                break;
            default:
                writer.WriteStringValue(scalar.Text);
                break;
        }
    }

    private static BigInteger IntegerOf(string text)
    {
        if (text.StartsWith("0o", StringComparison.Ordinal))
        {
            return text[2..].Aggregate(BigInteger.Zero, (sum, c) => sum * 8 + (c - '0'));
        }
        return text.StartsWith("0x", StringComparison.Ordinal)
            ? BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    private static double FloatOf(string text) =>
        double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntegerPattern();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex FloatPattern();

    [GeneratedRegex(@"^[-+]?\.(inf|Inf|INF)\z", RegexOptions.CultureInvariant)]
    private static partial Regex InfinityPattern();
}
