using System.Globalization;
using System.Text;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Artifacts;

/// <summary>The one form of a value in a front matter: JSON on one line, <c>", "</c> and <c>": "</c> between,
/// members in the order of the file, no escape where none is needed. It is YAML too.</summary>
internal static class CanonicalJson
{
    public static string Of(SourceNode node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    public static string Quoted(string value)
    {
        var text = new StringBuilder(value.Length + 2);
        Quote(text, value);
        return text.ToString();
    }

    private static void Write(StringBuilder text, SourceNode node)
    {
        switch (node)
        {
            case MappingNode map:
                text.Append('{');
                for (var i = 0; i < map.Members.Length; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Quote(text, map.Members[i].Key.Text);
                    text.Append(": ");
                    Write(text, map.Members[i].Value);
                }
                text.Append('}');
                break;
            case SequenceNode list:
                text.Append('[');
                for (var i = 0; i < list.Items.Length; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Write(text, list.Items[i]);
                }
                text.Append(']');
                break;
            case ScalarNode scalar:
                Write(text, scalar);
                break;
        }
    }

    private static void Write(StringBuilder text, ScalarNode scalar)
    {
        switch (CoreSchema.KindOf(scalar))
        {
            case ScalarKind.Null:
                text.Append("null");
                break;
            case ScalarKind.Boolean:
                text.Append(CoreSchema.BooleanOf(scalar) ? "true" : "false");
                break;
            case ScalarKind.Integer or ScalarKind.Float:
                text.Append(CoreSchema.JsonNumberOf(scalar));
                break;
            default:
                Quote(text, scalar.Text);
                break;
        }
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\t' => text.Append("\\t"),
                '\r' => text.Append("\\r"),
                _ when NeedsEscape(c) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }

    // what YAML takes for a line's end, or does not print
    private static bool NeedsEscape(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';
}
