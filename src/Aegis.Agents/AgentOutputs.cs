using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Agents;

/// <summary>What a step with an agent leaves: <c>steps.ID.outputs</c>.</summary>
/// <param name="Done">True where the reply fits its contract. It says nothing about whether what the agent
/// did is right.</param>
/// <param name="Reply">The output contract's JSON.</param>
/// <param name="Origin">Of the last reply: live, cached, recorded or scripted.</param>
public sealed record AgentOutputs(string Agent,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] bool Done, JsonElement? Reply, int Turns,
    string? Origin, long Tokens, decimal CostUsd);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentOutputs))]
internal sealed partial class AgentOutputsJson : JsonSerializerContext;
