using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Core.Plans;

namespace Aegis.Engine;

/// <summary>A run's inputs against what the workflow declares: unknown names, wrong types and missing required ones
/// are refused; defaults are filled in.</summary>
internal static class RunInputs
{
    public static (JsonElement? Value, AegisError? Error) Check(Plan plan, JsonElement? given)
    {
        if (given is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) } other)
        {
            return (null, new AegisError("AEGIS5022", "inputs must be a JSON object", "object", other.ValueKind.ToString()));
        }
        var members = given is { ValueKind: JsonValueKind.Object } some
            ? some.EnumerateObject().ToDictionary(m => m.Name, m => m.Value)
            : [];
        var declared = plan.Inputs.Select(i => i.Name).ToHashSet();
        if (members.Keys.FirstOrDefault(n => !declared.Contains(n)) is { } unknown)
        {
            return (null, new AegisError("AEGIS5022", $"the workflow has no input {unknown}",
                string.Join(", ", declared.Order()), unknown));
        }
        var result = new JsonObject();
        foreach (var input in plan.Inputs)
        {
            if (!members.TryGetValue(input.Name, out var value))
            {
                if (input.Default is not { } fallback)
                {
                    if (input.Required)
                    {
                        return (null, new AegisError("AEGIS5022", $"input {input.Name} is required",
                            Mend: $"pass it: --input {input.Name}=…"));
                    }
                    continue;
                }
                value = fallback;
            }
            if (Convert(input, value) is not { } fits)
            {
                return (null, new AegisError("AEGIS5022", $"input {input.Name} has the wrong type",
                    input.Type.ToString(), value.ValueKind.ToString()));
            }
            result[input.Name] = fits;
        }
        return (result.Count == 0 ? null : JsonSerializer.SerializeToElement(result), null);
    }

    /// <summary>The value in the declared type. The command line can only send text, so text that reads as the type
    /// is taken.</summary>
    private static JsonNode? Convert(InputSpec input, JsonElement value) => (input.Type, value.ValueKind) switch
    {
        (InputType.Json, _) => JsonNode.Parse(value.GetRawText()) ?? JsonValue.Create((string?)null),
        (InputType.String, JsonValueKind.String) => JsonValue.Create(value.GetString()),
        (InputType.Number, JsonValueKind.Number) => JsonNode.Parse(value.GetRawText()),
        (InputType.Number, JsonValueKind.String) when double.TryParse(value.GetString(), out var n) =>
            JsonValue.Create(n),
        (InputType.Boolean, JsonValueKind.True or JsonValueKind.False) => JsonValue.Create(value.GetBoolean()),
        (InputType.Boolean, JsonValueKind.String) when bool.TryParse(value.GetString(), out var b) =>
            JsonValue.Create(b),
        _ => null,
    };
}
