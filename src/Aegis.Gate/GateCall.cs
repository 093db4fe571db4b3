using System.Text.Json;

namespace Aegis.Gate;

/// <summary>A call as it comes to the gate, expressions already rendered.</summary>
public sealed record GateCall(string Tool, JsonElement Input, CallContext Context);
