using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Core.Plans;

/// <summary>Puts the inputs that a caller gives against those a plan declares.</summary>
public static class PlanInputs
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One object with every declared input, in the plan's order and spelling: given, default, or
    /// null. All errors at once.</summary>
    public static BoundInputs Bind(ImmutableArray<InputSpec> declared, JsonElement? given)
    {
        if (given is
            { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) })
        {
            return new BoundInputs(null, [new AegisError("AEGIS1034", "inputs are no object", "an object",
                given.Value.ValueKind.ToString().ToLowerInvariant())]);
        }
        var errors = ImmutableArray.CreateBuilder<AegisError>();
        var values = Given(declared, given, errors);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            foreach (var input in declared)
            {
                writer.WritePropertyName(input.Name);
                Write(writer, input, values.TryGetValue(input.Name, out var value) ? value : input.Default,
                    errors);
            }
            writer.WriteEndObject();
        }
        return errors.Count > 0
            ? new BoundInputs(null, errors.ToImmutable())
            : new BoundInputs(JsonElement.Parse(buffer.WrittenSpan), []);
    }

    internal static bool Fits(InputType type, JsonElement value) => type switch
    {
        InputType.String => value.ValueKind == JsonValueKind.String,
        InputType.Number => value.ValueKind == JsonValueKind.Number,
        InputType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => true,
    };

    private static Dictionary<string, JsonElement> Given(ImmutableArray<InputSpec> declared,
        JsonElement? given, ImmutableArray<AegisError>.Builder errors)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        if (given is not { ValueKind: JsonValueKind.Object } members)
        {
            return values;
        }
        foreach (var member in members.EnumerateObject())
        {
            if (!Expressions.WellFormedText.TryGetName(member, out var name)
                || !Expressions.WellFormedText.IsValid(member.Value))
            {
                errors.Add(new AegisError("AEGIS1096", "an input holds half of a surrogate pair",
                    "well-formed text"));
            }
            else if (!declared.Any(d => string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                var near = NearestName.Of(name, declared.Select(d => d.Name));
                errors.Add(new AegisError("AEGIS1035",
                    $"the workflow declares no input {ValueReader.Shown(name)}",
                    declared.IsEmpty ? "no inputs" : string.Join(", ", declared.Select(d => d.Name)), null,
                    near is null ? null : $"did you mean {near}?"));
            }
            else if (!values.TryAdd(name, member.Value))
            {
                errors.Add(new AegisError("AEGIS1034", $"the input {name} is given twice",
                    "each input once"));
            }
        }
        return values;
    }

    private static void Write(Utf8JsonWriter writer, InputSpec input, JsonElement? value,
        ImmutableArray<AegisError>.Builder errors)
    {
        if (value is not { } given)
        {
            if (input.Required)
            {
                errors.Add(new AegisError("AEGIS1033", $"the input {input.Name} is missing",
                    input.Type.ToString().ToLowerInvariant()));
            }
            writer.WriteNullValue();
            return;
        }
        if (!Fits(input.Type, given))
        {
            errors.Add(new AegisError("AEGIS1034", $"the input {input.Name} has the wrong type",
                input.Type.ToString().ToLowerInvariant(), given.ValueKind.ToString().ToLowerInvariant()));
        }
        given.WriteTo(writer);
    }
}

public sealed record BoundInputs(JsonElement? Value, ImmutableArray<AegisError> Errors);
