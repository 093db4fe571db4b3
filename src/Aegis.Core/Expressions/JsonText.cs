using System.Globalization;
using System.Text;

namespace Aegis.Core.Expressions;

/// <summary>Writes a value as JSON the way JavaScript's JSON.stringify does, since toJSON's text can be
/// compared and hashed: its indent, its escapes, its numbers.</summary>
internal static class JsonText
{
    /// <summary>Levels of arrays and objects.</summary>
    public const int DepthMax = 64;

    /// <summary>False where the value is deeper than <see cref="DepthMax"/> or the text longer than
    /// <see cref="Expression.TextMax"/>; what was written then is of no use.</summary>
    /// <param name="depth">Levels that stand around it already.</param>
    public static bool TryWrite(StringBuilder text, ExpressionValue value, bool isIndented, int depth = 0)
    {
        var isNested = value is ExpressionValue.ArrayValue or ExpressionValue.ObjectValue;
        if ((isNested && depth >= DepthMax) || text.Length > Expression.TextMax)
        {
            return false;
        }
        switch (value)
        {
            case ExpressionValue.BooleanValue b:
                text.Append(b.Value ? "true" : "false");
                break;
            case ExpressionValue.NumberValue n:
                // JSON has no NaN and no infinity
                text.Append(double.IsFinite(n.Value) ? NumberText.Shortest(n.Value) : "null");
                break;
            case ExpressionValue.StringValue s:
                WriteString(text, s.Value);
                break;
            case ExpressionValue.ArrayValue array:
                return TryWriteArray(text, array.Items, isIndented, depth);
            case ExpressionValue.ObjectValue o:
                return TryWriteObject(text, o.Members, isIndented, depth);
            default:
                text.Append("null");
                break;
        }
        return text.Length <= Expression.TextMax;
    }

    public static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in WellFormedText.Mended(value))
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ': text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); break;
                default: text.Append(c); break;
            }
        }
        text.Append('"');
    }

    private static bool TryWriteArray(StringBuilder text, IReadOnlyList<ExpressionValue> items,
        bool isIndented, int depth)
    {
        text.Append('[');
        var isEmpty = true;
        foreach (var item in items)
        {
            StartItem(text, isEmpty, isIndented, depth + 1);
            isEmpty = false;
            if (!TryWrite(text, item, isIndented, depth + 1))
            {
                return false;
            }
        }
        Close(text, ']', isEmpty, isIndented, depth);
        return true;
    }

    private static bool TryWriteObject(StringBuilder text, IExpressionObject members, bool isIndented,
        int depth)
    {
        text.Append('{');
        var isEmpty = true;
        foreach (var (name, member) in members.Entries())
        {
            StartItem(text, isEmpty, isIndented, depth + 1);
            isEmpty = false;
            WriteString(text, name);
            text.Append(isIndented ? ": " : ":");
            if (!TryWrite(text, member, isIndented, depth + 1))
            {
                return false;
            }
        }
        Close(text, '}', isEmpty, isIndented, depth);
        return true;
    }

    private static void StartItem(StringBuilder text, bool isFirst, bool isIndented, int depth)
    {
        text.Append(isFirst ? "" : ",");
        if (isIndented)
        {
            text.Append('\n').Append(' ', 2 * depth);
        }
    }

    private static void Close(StringBuilder text, char bracket, bool isEmpty, bool isIndented, int depth)
    {
        if (isIndented && !isEmpty)
        {
            text.Append('\n').Append(' ', 2 * depth);
        }
        text.Append(bracket);
    }
}
