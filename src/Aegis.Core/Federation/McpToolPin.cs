using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Aegis.Core.Federation;

/// <summary>What an outside tool said of itself when somebody approved it.</summary>
/// <param name="Seen">What it says now; what was approved, while it may be called.</param>
public sealed record McpToolPin(string Server, string Tool, string? Approved, string Seen)
{
    /// <summary>Null while nobody has approved it, or where it has changed since.</summary>
    public bool IsOpen => Approved == Seen;

    /// <summary>
    /// The hash of everything that a model or a client is told of a tool: name, title, description, schemas
    /// and hints. The description is in it because it is what an attack changes: words that a model obeys.
    /// The form is JSON with sorted members, so that only what it says counts, not how it was written.
    /// </summary>
    public static string HashOf(JsonElement tool)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var member in Told)
            {
                if (tool.TryGetProperty(member, out var value))
                {
                    json.WritePropertyName(member);
                    Write(json, value);
                }
            }
            json.WriteEndObject();
        }
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    // sorted; _meta and icons are left out: no model reads them, and servers put changing things there
    private static readonly string[] Told =
        ["annotations", "description", "inputSchema", "name", "outputSchema", "title"];

    private static void Write(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(json, item);
                }
                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }
}
