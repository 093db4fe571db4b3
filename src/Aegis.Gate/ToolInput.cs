using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Aegis.Core.Errors;

namespace Aegis.Gate;

/// <summary>Strict binding of a tool's input.</summary>
internal static class ToolInput
{
    internal static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
        Converters = { new DurationConverter(),
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static bool TryBind<T>(string tool, JsonElement input, out T bound, out AegisError? error)
        where T : class
    {
        try
        {
            bound = input.Deserialize<T>(Strict)!;
            var results = new List<System.ComponentModel.DataAnnotations.ValidationResult>();
            var context = new System.ComponentModel.DataAnnotations.ValidationContext(bound);
            if (System.ComponentModel.DataAnnotations.Validator.TryValidateObject(
                bound, context, results, true))
            {
                error = null;
                return true;
            }
            error = Refused(tool, results[0]);
        }
        catch (JsonException e)
        {
            error = Refused(tool, BindingFault.Of(e, Strict.GetTypeInfo(typeof(T))));
        }
        bound = null!;
        return false;
    }

    /// <summary>The form alone, without bounds.</summary>
    public static bool TryRead(
        Type record, string name, JsonElement json, out object? bound, out AegisError? error)
    {
        (bound, error) = (null, null);
        try
        {
            bound = json.Deserialize(record, Strict);
            return bound is not null;
        }
        catch (JsonException e)
        {
            var fault = BindingFault.Of(e, Strict.GetTypeInfo(record));
            error = new AegisError("AEGIS2001", $"{name}: {fault.Message}", fault.Expected, fault.Got)
            {
                Place = fault.Place,
            };
            return false;
        }
    }

    private static AegisError Refused(string tool, BindingFault fault) =>
        new("AEGIS2001", $"input of {tool}: {fault.Message}", fault.Expected, fault.Got,
            fault.Mend ?? $"see docs/tools.md, {tool}")
        {
            Place = fault.Place,
        };

    // the validator names a property; people wrote the member
    private static AegisError Refused(string tool,
        System.ComponentModel.DataAnnotations.ValidationResult result)
    {
        var words = result.ErrorMessage ?? "out of bounds";
        var place = "";
        foreach (var property in result.MemberNames)
        {
            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property);
            words = words.Replace($"The field {property} ", $"{name} ", StringComparison.Ordinal)
                .Replace($"The {property} field ", $"{name} ", StringComparison.Ordinal);
            place = ErrorPlace.Step(name);
        }
        return new AegisError("AEGIS2001", $"input of {tool}: {words.TrimEnd('.')}", null, null,
            $"see docs/tools.md, {tool}")
        {
            Place = new ErrorPlace(place),
        };
    }
}

/// <summary>Durations as everywhere: a bare number is milliseconds, or text such as 15m, 2h30m,
/// 500ms.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var ms) && ms >= 0)
        {
            return TimeSpan.FromMilliseconds(ms);
        }
        if (reader.TokenType == JsonTokenType.String
            && Core.Plans.Duration.TryParse(reader.GetString()!, out var parsed))
        {
            return parsed;
        }
        throw new JsonException("expected a duration: milliseconds, or text such as 15m, 2h30m, 500ms");
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue((long)value.TotalMilliseconds);
}
