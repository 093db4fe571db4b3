using System.Security.Cryptography;

namespace Aegis.Core.Audit;

/// <summary>The hash chain of a stream, shared by the writer and by the offline verifier: <c>hash =
/// SHA-256(hash_prev ‖ header ‖ SHA-256(salt ‖ payload))</c>. The payload's own hash stands apart, so that a
/// payload and its salt can be erased and the chain still verifies.</summary>
public static class EventHash
{
    public const int Bytes = 32;
    public const int SaltBytes = 16;
    private const string HeaderVersion = "aegis-event-1";

    /// <summary>What the first event of a stream has as its predecessor: 32 zero bytes.</summary>
    public static ReadOnlySpan<byte> Genesis => new byte[Bytes];

    public static void Payload(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> payload, Span<byte> hash32)
    {
        var length = salt.Length + payload.Length;
        byte[]? rented = null;
        Span<byte> joined = length <= 1024
            ? stackalloc byte[length]
            : (rented = System.Buffers.ArrayPool<byte>.Shared.Rent(length)).AsSpan(0, length);
        salt.CopyTo(joined);
        payload.CopyTo(joined[salt.Length..]);
        SHA256.HashData(joined, hash32);
        if (rented is not null)
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes the chained hash. The canonical header is UTF-8 text of seven lines without a final
    /// one: version tag, tenant, project, stream, stream version, type, microseconds since 1970 (all text ids
    /// are free of line feeds by rule).</summary>
    public static void Chain(ReadOnlySpan<byte> previous32, Tenancy tenancy, string stream, int version,
        string type, long at, ReadOnlySpan<byte> payloadHash32, Span<byte> hash32)
    {
        Span<byte> buffer = stackalloc byte[1024];
        previous32.CopyTo(buffer);
        if (!System.Text.Unicode.Utf8.TryWrite(buffer[Bytes..^Bytes],
                $"{HeaderVersion}\n{tenancy.Tenant}\n{tenancy.Project}\n{stream}\n{version}\n{type}\n{at}",
                out var written))
        {
            throw new InvalidOperationException("event header is longer than 960 bytes");
        }
        payloadHash32.CopyTo(buffer[(Bytes + written)..]);
        SHA256.HashData(buffer[..(Bytes + written + Bytes)], hash32);
    }

    public static long Microseconds(DateTimeOffset at) =>
        (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10;

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10);
}
