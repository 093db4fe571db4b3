using System.Text.Json;
using System.Text.Json.Serialization;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Runs.Events;
using Aegis.Gate.Turns;

namespace Aegis.Engine.Pump;

/// <summary>Where replies of agents' models are kept, and the place of a turn in its loop: from facts
/// alone.</summary>
public sealed class TurnReplies(BlobStore blobs, TimeProvider time)
{
    /// <summary>A reply above this stands in a blob, and its fact has the hash.</summary>
    public const int InlineBytesMax = 48 * 1024;

#if AEGIS_SABOTAGE_ASK_AGAIN
    private static bool Remembers => false;
#else
    private static bool Remembers => true;
#endif

    /// <summary>Null for a task that is no turn.</summary>
    internal async ValueTask<AgentTurn?> TurnAsync(RunPump pump, int index, CancellationToken cancel)
    {
        var run = pump.Committed;
        if (run.Plan.Tasks[index].Member is not { Turn: true } turn)
        {
            return null;
        }
        var began = run.Tasks[turn.Group].StartedAt ?? time.GetUtcNow();
        return new AgentTurn(turn.Number,
            [.. run.Graph.Members(turn.Group).Take(turn.Number).Select(m => run.Tasks[m].Outputs)
                .OfType<JsonElement>()],
            time.GetUtcNow() - began,
            Remembers && run.Tasks[index].Replied is { } replied
                ? await ReadAsync(pump.Head.Tenancy, replied, cancel) : null);
    }

    internal async ValueTask<(JsonElement? Json, string? Blob, long Bytes)> KeepAsync(
        Tenancy tenancy, TurnReply reply)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(reply, TurnReplyJson.Default.TurnReply);
        if (bytes.Length <= InlineBytesMax)
        {
            return (JsonElement.Parse(bytes), null, bytes.Length);
        }
        await using var writer = blobs.CreateWriter(tenancy.Tenant);
        await writer.WriteAsync(bytes);
        return (null, (await writer.CompleteAsync(CancellationToken.None)).Hash, bytes.Length);
    }

    private async ValueTask<TurnReply> ReadAsync(
        Tenancy tenancy, ModelReplied replied, CancellationToken cancel)
    {
        if (replied.Reply is { } json)
        {
            return json.Deserialize(TurnReplyJson.Default.TurnReply)!;
        }
        await using var stream =
            blobs.OpenRead(tenancy.Tenant, new BlobRef(replied.Blob!, replied.Bytes), verify: true);
        return (await JsonSerializer.DeserializeAsync(stream, TurnReplyJson.Default.TurnReply, cancel))!;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(TurnReply))]
internal sealed partial class TurnReplyJson : JsonSerializerContext;
