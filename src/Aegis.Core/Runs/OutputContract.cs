using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;

namespace Aegis.Core.Runs;

/// <summary>Named outputs of a step or a run: expressions, each with a type that it must keep where one is
/// given. What needs them is promised their shape, so an output of another type is a failure here and not a
/// surprise there.</summary>
internal static class OutputContract
{
    /// <param name="own">What the tool itself left; named outputs stand over it.</param>
    public static OutputResult Evaluate(ImmutableArray<OutputSpec> specs, JsonElement? own,
        ExpressionContext context)
    {
        if (specs.IsEmpty)
        {
            return new OutputResult(own, null);
        }
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in own is { ValueKind: JsonValueKind.Object } some ? some.EnumerateObject()
            : default)
        {
            values[member.Name] = member.Value;
        }
        foreach (var spec in specs)
        {
            var rendered = Template.Render(JsonSerializer.SerializeToElement(spec.Value), context);
            if (rendered.Error is not null)
            {
                return new OutputResult(null, rendered.Error);
            }
            var value = rendered.Value!.Value;
            if (spec.Type is { } type && !Is(value, type))
            {
                return new OutputResult(null, new AegisError("AEGIS5036",
                    $"output {spec.Name} does not keep its contract", TypeText(type),
                    value.ValueKind.ToString().ToLowerInvariant(), "mend the step, or what it promises"));
            }
            values[spec.Name] = value;
        }
        return new OutputResult(JsonSerializer.SerializeToElement(values), null);
    }

    private static bool Is(JsonElement value, InputType type) => type switch
    {
        InputType.String => value.ValueKind == JsonValueKind.String,
        InputType.Number => value.ValueKind == JsonValueKind.Number,
        InputType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined),
    };

    private static string TypeText(InputType type) => type switch
    {
        InputType.String => "a string",
        InputType.Number => "a number",
        InputType.Boolean => "true or false",
        _ => "any value but null",
    };
}

internal readonly record struct OutputResult(JsonElement? Value, AegisError? Error);
