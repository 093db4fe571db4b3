using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Server.Tests.Mcp.Conformance;

/// <summary>A tool that a scenario of the conformance suite calls, registered with the gate like any
/// other.</summary>
internal sealed class ScenarioTool(string name, string description, string schema,
    Func<JsonElement, Execution, CancellationToken, ValueTask<ToolResult>> act) : Tool
{
    public const string NoInput = """{"type":"object","properties":{},"additionalProperties":false}""";

    public ScenarioTool(string name, string description, ToolResult answer)
        : this(name, description, NoInput, (_, _, _) => ValueTask.FromResult(answer))
    {
    }

    public override ToolDescriptor Descriptor { get; } =
        new(name, "tools:conformance", ToolEffect.Pure, description);

    public override Type InputType => typeof(JsonElement);

    public override JsonElement? OwnSchema { get; } = JsonElement.Parse(schema);

    public override AegisError? Check(JsonElement input) => null;

    public override ValueTask<ToolResult> InvokeAsync(
        JsonElement input, Execution execution, CancellationToken cancel) => act(input, execution, cancel);

    public static ToolResult Parts(params ImmutableArray<ToolContent> parts) =>
        new(true) { Content = parts };

    public static ToolResult Words(string text) => new(true, text);
}
