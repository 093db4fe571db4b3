using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Flow;

/// <summary><c>flow.noop</c>: does nothing and answers with its input's <c>value</c>. A join point in plans,
/// and what the bench counts. Input: {value?: any}.</summary>
public sealed class NoopTool : Tool
{
    private static readonly ToolResult Empty = new(true);

    public override ToolDescriptor Descriptor { get; } = new("flow.noop", "tools:flow", ToolEffect.Pure,
        "Does nothing; a join point. Answers with its value.", RunsInline: true);

    public override Type InputType => typeof(NoopInput);

    public override AegisError? Check(JsonElement input)
    {
        foreach (var member in input.EnumerateObject())
        {
            if (!member.NameEquals("value"u8))
            {
                return new AegisError(
                    "AEGIS2001", $"input of flow.noop: unknown member {member.Name}", "value",
                    member.Name, "see docs/tools.md, flow.noop")
                {
                    Place = new ErrorPlace(ErrorPlace.Step(member.Name), AtName: true),
                };
            }
        }
        return null;
    }

    public override ValueTask<ToolResult> InvokeAsync(JsonElement input, Execution execution,
        CancellationToken cancel) =>
        ValueTask.FromResult(input.TryGetProperty("value"u8, out var value)
            ? new ToolResult(true, value.ValueKind == JsonValueKind.String ? value.GetString()
            : value.GetRawText())
            : Empty);
}

/// <summary>Input of flow.noop.</summary>
public sealed record NoopInput(JsonElement? Value);
