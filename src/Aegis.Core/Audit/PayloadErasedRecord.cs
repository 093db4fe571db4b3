using System.Text.Json;

namespace Aegis.Core.Audit;

/// <summary>The payload of a PayloadErased: which event's payload was erased, by whom, and the hash that
/// stays in its place (lowercase hexadecimal).</summary>
public sealed record PayloadErasedRecord(string Stream, int Version, string PayloadHash, string Actor)
{
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Checkpoint.Json);

    public static PayloadErasedRecord? Read(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize<PayloadErasedRecord>(payload, Checkpoint.Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
