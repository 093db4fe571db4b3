using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Audit;

using Aegis.Ledger.Tenants;
namespace Aegis.Ledger.EventStore;

/// <summary>Where a stream ends: the one writer's own copy. It chains each event when it is handed over,
/// before the flush, so calls must come in order (the pump's lock sees to that).</summary>
public sealed class StreamHead(long key, TenancyKeys keys, Tenancy tenancy, string streamId)
{
    [ThreadStatic]
    private static SaltSource? salts;

    private byte[] hash = EventHash.Genesis.ToArray();

    public long Key { get; } = key;

    public TenancyKeys Keys { get; } = keys;

    public Tenancy Tenancy { get; } = tenancy;

    public string StreamId { get; } = streamId;

    public int Version { get; private set; }

    /// <summary>Puts the head behind events that were read back.</summary>
    public void Resume(int version, byte[] lastHash)
    {
        Version = version;
        hash = lastHash;
    }

    public ChainedEvent Chain(string type, DateTimeOffset at, byte[] payload)
    {
        var micros = EventHash.Microseconds(at);
        var salt = (salts ??= new SaltSource()).Next();
        Span<byte> payloadHash = stackalloc byte[EventHash.Bytes];
        EventHash.Payload(salt, payload, payloadHash);
        var next = new byte[EventHash.Bytes];
        EventHash.Chain(hash, Tenancy, StreamId, Version + 1, type, micros, payloadHash, next);
        hash = next;
        Version++;
        return new ChainedEvent(Version, type, EventHash.FromMicroseconds(micros), salt, payload, next);
    }

    /// <summary>Random salts, drawn 256 at a time.</summary>
    private sealed class SaltSource
    {
        private readonly byte[] pool = new byte[EventHash.SaltBytes * 256];
        private int used = EventHash.SaltBytes * 256;

        public byte[] Next()
        {
            if (used == pool.Length)
            {
                RandomNumberGenerator.Fill(pool);
                used = 0;
            }
            used += EventHash.SaltBytes;
            return pool.AsSpan(used - EventHash.SaltBytes, EventHash.SaltBytes).ToArray();
        }
    }
}

/// <summary>An event as it will stand in the table.</summary>
public readonly record struct ChainedEvent(
    int Version, string Type, DateTimeOffset At, byte[] Salt, byte[] Payload,
    byte[] Hash);
