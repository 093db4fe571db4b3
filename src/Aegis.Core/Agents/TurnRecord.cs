using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Core.Agents;

/// <summary>A turn that ended and is followed by another: the outputs of its task. The next turns are made
/// from these facts alone.</summary>
/// <param name="Turn">From 1.</param>
/// <param name="Said">The model's text.</param>
/// <param name="Note">What the loop says to the model after it: errors to mend, or a nudge.</param>
/// <param name="NoteKind"><c>repair</c> or <c>nudge</c>.</param>
public sealed record TurnRecord(string Agent, int Turn, string Said, ImmutableArray<MadeCall> Calls,
    string? Note, string? NoteKind, string Origin, long Tokens, decimal CostUsd)
{
    public const string Repair = "repair";
    public const string Nudge = "nudge";

    /// <summary>Bytes of a record's JSON: what a step's outputs hold, less what wraps it.</summary>
    public const int BytesMax = 56 * 1024;

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool Done => false;

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, TurnJson.Default.TurnRecord);

    public static TurnRecord Of(JsonElement outputs) => outputs.Deserialize(TurnJson.Default.TurnRecord)!;
}

/// <summary>A call that a model asked for, and what it came to.</summary>
/// <param name="Name">As the model wrote it.</param>
/// <param name="Arguments">What it wrote, as JSON text; cut where it was long.</param>
/// <param name="Ok">Null where no call was made: the name or the arguments meant nothing.</param>
/// <param name="Result">What the model is told.</param>
/// <param name="Action">Hash of the tool, its whole input and its whole result.</param>
public sealed record MadeCall(
    string Id, string Name, string Arguments, bool? Ok, string Result, string Action);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TurnRecord))]
internal sealed partial class TurnJson : JsonSerializerContext;
