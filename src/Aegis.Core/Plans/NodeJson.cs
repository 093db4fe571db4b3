using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>A node as JSON.</summary>
internal static class NodeJson
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = SourceReader.DepthMax + 2,
    };

    public static JsonElement Empty { get; } = JsonElement.Parse("{}");

    /// <summary>Notes what JSON has no word for.</summary>
    public static bool Check(DiagnosticList diagnostics, SourceNode node)
    {
        switch (node)
        {
            case MappingNode map:
                return map.Members.Aggregate(true, (ok, m) => Check(diagnostics, m.Value) && ok);
            case SequenceNode list:
                return list.Items.Aggregate(true, (ok, i) => Check(diagnostics, i) && ok);
            case ScalarNode scalar when CoreSchema.KindOf(scalar) == ScalarKind.NotFinite:
                diagnostics.Add(node, "AEGIS1014", "JSON has no such number", "a finite number", scalar.Text,
                    "quote it if it is text");
                return false;
            case ScalarNode scalar:
                return Expressions.WellFormedText.IsValid(scalar.Text);
            default:
                return true;
        }
    }

    public static JsonElement Of(SourceNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            CoreSchema.Write(writer, node);
        }
        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
