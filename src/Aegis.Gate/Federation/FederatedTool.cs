using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Federation;

namespace Aegis.Gate.Federation;

/// <summary>A tool of an outside MCP server, as it was approved: name, words and schema are those that
/// somebody read, whatever the server says by now. It goes through the gate like any other; the call itself
/// asks the server what it says, and is refused where that is something else.</summary>
public sealed class FederatedTool : Tool
{
    public const string ScopeName = "tools:mcp";

    private static readonly JsonElement AnyObject = JsonElement.Parse("""{"type":"object"}""");

    private readonly McpToolPin pin;

    private FederatedTool(
        McpToolPin pin, ToolDescriptor descriptor, JsonElement schema, JsonElement? output) =>
        (this.pin, Descriptor, OwnSchema, OutputSchema) = (pin, descriptor, schema, output);

    public override ToolDescriptor Descriptor { get; }

    public override Type InputType => typeof(JsonElement);

    public override JsonElement? OwnSchema { get; }

    public override JsonElement? OutputSchema { get; }

    public override AegisError? Closed => pin.IsOpen ? null : FederationErrors.NotApproved(pin);

    /// <summary>Null where its name is none here, or its description none at all.</summary>
    /// <param name="told">What it says of itself, as it was approved.</param>
    public static FederatedTool? Of(McpToolPin pin, ReadOnlyMemory<byte> told, string effect)
    {
        if (McpToolName.Of(pin.Server, pin.Tool) is not { } name)
        {
            return null;
        }
        using var json = JsonDocument.Parse(told);
        var tool = json.RootElement;
        var schema = tool.TryGetProperty("inputSchema", out var given)
            && given.ValueKind == JsonValueKind.Object ? given.Clone() : AnyObject;
        var output = tool.TryGetProperty("outputSchema", out var answers)
            && answers.ValueKind == JsonValueKind.Object ? answers.Clone() : (JsonElement?)null;
        var words = tool.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()! : "";
        var descriptor = new ToolDescriptor(name, ScopeName, EffectOf(effect), words);
        return new FederatedTool(pin, descriptor, schema, output);
    }

    /// <summary>What an engine knows of one that it has not looked up.</summary>
    public static FederatedTool StandIn(string name) => new(new McpToolPin("", name, null, ""),
        new ToolDescriptor(name, ScopeName, ToolEffect.Once, ""), AnyObject, null);

    /// <summary>Its members are for the server to judge: the schema is the server's, and so is what it means
    /// by it.</summary>
    public override AegisError? Check(JsonElement input) => input.ValueKind == JsonValueKind.Object ? null
        : new AegisError("AEGIS2001", $"the input of {Descriptor.Name} does not fit", "an object",
            $"{input.ValueKind}");

    public override ValueTask<ToolResult> InvokeAsync(
        JsonElement input, Execution execution, CancellationToken cancel) =>
        execution.FederatedAsync(pin, input, cancel);

    private static ToolEffect EffectOf(string effect) => effect switch
    {
        "pure" => ToolEffect.Pure,
        "idempotent" => ToolEffect.Idempotent,
        _ => ToolEffect.Once,
    };
}
