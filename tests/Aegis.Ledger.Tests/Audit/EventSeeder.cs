using System.Text;
using Aegis.Core;
using Aegis.Core.Audit;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Ledger.Tests.Audit;

/// <summary>Writes genuine events as role engine, one by one; how the ledger's writer chains them is tested
/// with it.</summary>
internal sealed class EventSeeder(LedgerFixture ledger, Tenancy tenancy, TenancyKeys keys)
{
    private static long _streamKeys = 1_000_000;
    private readonly Dictionary<string, (long Key, int Version, byte[] Hash)> _streams = [];

    public static async Task<EventSeeder> StartAsync(LedgerFixture ledger, string tenant)
    {
        var tenancy = new Tenancy(tenant, "web");
        return new EventSeeder(ledger, tenancy, await ledger.CreateProjectAsync(tenancy));
    }

    public Tenancy Tenancy => tenancy;

    public TenancyKeys Keys => keys;

    public async Task AppendAsync(string stream, int count, string type = "TaskCompleted",
        byte[]? payload = null)
    {
        for (var i = 0; i < count; i++)
        {
            await AppendOneAsync(stream, type, payload);
        }
    }

    private async Task AppendOneAsync(string stream, string type, byte[]? payload)
    {
        if (!_streams.TryGetValue(stream, out var head))
        {
            head = (Interlocked.Increment(ref _streamKeys), 0, EventHash.Genesis.ToArray());
            await RunAsync(
                "INSERT INTO streams (stream_key, tenant_key, project_key, stream_id) "
                + "VALUES ($1, $2, $3, $4)",
                head.Key, keys.Tenant, keys.Project, stream);
        }
        var version = head.Version + 1;
        var at = EventHash.FromMicroseconds(1_763_689_200_000_000 + version);
        var salt = new byte[EventHash.SaltBytes];
        new Random(version).NextBytes(salt);
        payload ??= Encoding.UTF8.GetBytes($$"""{"stream":"{{stream}}","n":{{version}}}""");
        var (payloadHash, hash) = (new byte[32], new byte[32]);
        EventHash.Payload(salt, payload, payloadHash);
        EventHash.Chain(head.Hash, tenancy, stream, version, type, EventHash.Microseconds(at), payloadHash,
            hash);
        await RunAsync("""
            INSERT INTO events (stream_key, version, tenant_key, project_key, at, type, salt, payload, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, head.Key, version, keys.Tenant, keys.Project, at, type, salt, payload, hash);
        _streams[stream] = (head.Key, version, hash);
    }

    public long KeyOf(string stream) => _streams[stream].Key;

    private async Task RunAsync(string sql, params object[] values)
    {
        await using var command = ledger.Database.Source(LedgerRole.Engine).CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
        await command.ExecuteNonQueryAsync();
    }
}
