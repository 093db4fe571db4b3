using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Aegis.Server.Json;

namespace Aegis.Server.OpenApi;

/// <summary>
/// The schemas of what doors read and write, from the very type information that reads and writes it. Each
/// record becomes a component of its own, so that generated clients have one class for it. A request is
/// closed and may hold null where its record may; an answer is open, since new members may come, and leaves
/// null members out.
/// </summary>
internal sealed class SchemaBook
{
    private readonly SortedDictionary<string, JsonNode> components = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Type> owners = [];
    private bool ofRequest;

    /// <summary>A reference to the component of this type, which is written where it is new.</summary>
    public JsonNode Reference(JsonTypeInfo type)
    {
        ofRequest = typeof(DoorRequest).IsAssignableFrom(type.Type);
        return type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = Transform,
        });
    }

    public JsonObject Components() =>
        new(components.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Key, c.Value.DeepClone())));

    // children come before their parents
    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        // any JSON at all
        var schema = node as JsonObject ?? [];
        var nullable = DropNull(schema);
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            schema = Component(context.TypeInfo, schema);
        }
        else
        {
            AddFormat(schema, Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type);
        }
        if (context.PropertyInfo?.AttributeProvider is { } attributes)
        {
            Bounds.AddTo(schema, attributes);
        }
        return nullable && ofRequest ? OrNull(schema) : schema;
    }

    private JsonObject Component(JsonTypeInfo type, JsonObject schema)
    {
        var name = Name(type.Type);
        if (owners.TryGetValue(name, out var owner) && owner != type.Type)
        {
            throw new InvalidOperationException($"{owner} and {type.Type} would both be called {name}");
        }
        owners[name] = type.Type;
        if (!ofRequest)
        {
            schema.Remove("additionalProperties");
            DropNullDefaults(schema);
            RequireWhatIsThere(type, schema);
        }
        components.TryAdd(name, schema);
        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    private static void DropNullDefaults(JsonObject schema)
    {
        foreach (var (_, member) in schema["properties"] as JsonObject ?? [])
        {
            if (member is JsonObject { } of && of.TryGetPropertyValue("default", out var fallback)
                && fallback is null)
            {
                of.Remove("default");
            }
        }
    }

    // an answer's null members are left out; all others are there
    private static void RequireWhatIsThere(JsonTypeInfo type, JsonObject schema)
    {
        var there = type.Properties.Where(p => !p.IsGetNullable).Select(p => (JsonNode)p.Name).ToArray();
        schema.Remove("required");
        if (there.Length > 0)
        {
            schema["required"] = new JsonArray(there);
        }
    }

    /// <summary><c>RunAnswer</c> is Run to a client, <c>Listing&lt;RunAnswer&gt;</c> RunListing.</summary>
    private static string Name(Type type)
    {
        if (type.IsGenericType)
        {
            var bare = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
            return Name(type.GetGenericArguments()[0]) + bare;
        }
        const string Answer = "Answer";
        return type.Name.EndsWith(Answer, StringComparison.Ordinal) ? type.Name[..^Answer.Length] : type.Name;
    }

    private static bool DropNull(JsonObject schema)
    {
        if (schema["type"] is not JsonArray types)
        {
            return false;
        }
        var rest = types.Select(t => (string)t!).Where(t => t != "null").ToArray();
        if (rest.Length == types.Count)
        {
            return false;
        }
        schema["type"] = rest.Length == 1 ? rest[0] : new JsonArray([.. rest.Select(t => (JsonNode)t)]);
        return true;
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type && !schema.ContainsKey("enum"))
        {
            schema["type"] = new JsonArray((string)type!, "null");
            return schema;
        }
        return schema.Count == 0
            ? schema
            : new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
    }

    private static void AddFormat(JsonObject schema, Type type)
    {
        var format = Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => "int32",
            TypeCode.Int64 => "int64",
            TypeCode.Decimal or TypeCode.Double => "double",
            _ => null,
        };
        if (format is not null)
        {
            schema["format"] = format;
        }
    }
}
