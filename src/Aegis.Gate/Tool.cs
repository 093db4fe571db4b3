using System.Text.Json;
using System.Text.Json.Serialization;
using Aegis.Core.Errors;

namespace Aegis.Gate;

/// <summary>A named capability. It reaches processes, files, models and the network only through the
/// <see cref="Execution"/> it is handed; only the gate calls it.</summary>
public abstract class Tool
{
    public abstract ToolDescriptor Descriptor { get; }

    /// <summary>The input's record type; its JSON schema is generated from it.</summary>
    public abstract Type InputType { get; }

    /// <summary>Binds strictly and returns what is wrong, or null. Called at plan time for constant
    /// inputs.</summary>
    public abstract AegisError? Check(JsonElement input);

    /// <summary>The command line in this input, which the workflow's allow_commands must allow; null where
    /// the tool takes none.</summary>
    public virtual string? CommandLine(JsonElement input) => null;

    /// <summary>The address in this input whose host the workflow's egress_allow must name; null where the
    /// tool takes none.</summary>
    public virtual string? EgressUrl(JsonElement input) => null;

    public abstract ValueTask<ToolResult> InvokeAsync(JsonElement input, Execution execution,
        CancellationToken cancel);

    /// <summary>Asks the outside whether the call took place. Only for <see
    /// cref="ToolEffect.Reconcilable"/>.</summary>
    public virtual ValueTask<ProbeResult> ProbeAsync(JsonElement input, Execution execution,
        CancellationToken cancel) =>
        ValueTask.FromResult<ProbeResult>(new ProbeResult.Unknown($"{Descriptor.Name} has no probe"));
}

/// <summary>A tool whose input is a record: unknown and duplicate members are refused, bounds are attributes
/// of System.ComponentModel.DataAnnotations.</summary>
public abstract class Tool<TInput> : Tool
    where TInput : class
{
    public sealed override Type InputType => typeof(TInput);

    public sealed override AegisError? Check(JsonElement input) =>
        ToolInput.TryBind<TInput>(Descriptor.Name, input, out _, out var error) ? null : error;

    public sealed override ValueTask<ToolResult> InvokeAsync(JsonElement input, Execution execution,
        CancellationToken cancel) =>
        ToolInput.TryBind<TInput>(Descriptor.Name, input, out var bound, out var error)
            ? InvokeAsync(bound, execution, cancel)
            : ValueTask.FromResult(ToolResult.Fail(error!));

    public sealed override ValueTask<ProbeResult> ProbeAsync(JsonElement input, Execution execution,
        CancellationToken cancel) =>
        ToolInput.TryBind<TInput>(Descriptor.Name, input, out var bound, out _)
            ? ProbeAsync(bound, execution, cancel)
            : ValueTask.FromResult<ProbeResult>(new ProbeResult.NotHappened());

    protected abstract ValueTask<ToolResult> InvokeAsync(TInput input, Execution execution,
        CancellationToken cancel);

    protected virtual ValueTask<ProbeResult> ProbeAsync(TInput input, Execution execution,
        CancellationToken cancel) =>
        ValueTask.FromResult<ProbeResult>(new ProbeResult.Unknown($"{Descriptor.Name} has no probe"));
}

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
            error = new AegisError("AEGIS2001", $"input of {tool}: {results[0].ErrorMessage}",
                Mend: $"see docs/tools.md, {tool}");
        }
        catch (JsonException e)
        {
            var path = e.Path is null or "$" ? "" : $" at {e.Path}";
            var message = e.Message.Split(" Path: ")[0].Replace(
                typeof(T).FullName!, tool, StringComparison.Ordinal);
            error = new AegisError("AEGIS2001", $"input of {tool}{path}: {message}",
                Mend: $"see docs/tools.md, {tool}");
        }
        bound = null!;
        return false;
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
