using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Core.Plans.Triggers;

/// <summary>Triggers as they stand in a registered workflow's row. The database may reorder members, so the
/// kind is looked for anywhere.</summary>
public static class TriggerJson
{
    public static string Write(ImmutableArray<Trigger> triggers) =>
        JsonSerializer.Serialize(triggers, TriggerContext.Default.ImmutableArrayTrigger);

    public static ImmutableArray<Trigger> Read(string json) =>
        JsonSerializer.Deserialize(json, TriggerContext.Default.ImmutableArrayTrigger);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(ImmutableArray<Trigger>))]
internal sealed partial class TriggerContext : JsonSerializerContext;
