using Aegis.Core.Audit;
using Aegis.Core.Errors;
using Aegis.Ledger.Audit;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Audit;

/// <summary>Real tampering, in SQL, by the superuser; the audit in the database and the one of the export
/// alone must name the very same events.</summary>
public sealed class TamperingTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const string Of = "stream_key = $1 AND version = $2";
    private static readonly CancellationToken None = CancellationToken.None;
    private static int _tenants;

    [Fact]
    public async Task Untouched_WithAndWithoutCheckpoint_IsIntact()
    {
        var seed = await SeedAsync();
        var report = await new LedgerAudit(ledger.Database, ledger.Home)
            .VerifyAsync(AuditScope.Of(seed.Tenancy), None);
        Assert.True(report.IsIntact);
        Assert.Equal((16, 2, 0), (report.Events, report.Streams, report.Erased));
        await CheckpointAsync();
        Assert.Empty(await IssuesAsync(seed));
    }

    [Theory]
    [InlineData("UPDATE events SET payload = '{}' WHERE " + Of)]
    [InlineData("UPDATE events SET salt = '\\x00000000000000000000000000000000' WHERE " + Of)]
    [InlineData("UPDATE events SET type = 'TaskFailed' WHERE " + Of)]
    [InlineData("UPDATE events SET at = at + interval '1 microsecond' WHERE " + Of)]
    [InlineData("UPDATE events SET at = '2020-01-01' WHERE " + Of)]
    public async Task EventChanged_IsNamed(string sql)
    {
        foreach (var version in (int[])[1, 4, 8])
        {
            var seed = await SeedAsync();
            Assert.Equal(1, await ledger.ExecuteAsync(sql, seed.KeyOf("run_a"), version));
            Assert.Equal([$"Changed run_a {version}"], await IssuesAsync(seed));
        }
    }

    [Fact]
    public async Task PayloadsOfTwoEventsSwapped_BothAreNamed()
    {
        var seed = await SeedAsync();
        await ledger.ExecuteAsync("""
            UPDATE events a SET payload = b.payload, salt = b.salt FROM events b
             WHERE a.stream_key = $1 AND b.stream_key = $1 AND (a.version, b.version) IN ((3, 6), (6, 3))
            """, seed.KeyOf("run_a"));
        Assert.Equal(["Changed run_a 3", "Changed run_a 6"], await IssuesAsync(seed));
    }

    [Fact]
    public async Task TwoEventsReordered_BothAreNamed()
    {
        var seed = await SeedAsync();
        foreach (var (from, to) in ((int, int)[])[(3, -3), (4, 3), (-3, 4)])
        {
            await ledger.ExecuteAsync($"UPDATE events SET version = {to} WHERE {Of}", seed.KeyOf("run_a"),
                from);
        }
        Assert.Equal(["Reordered run_a 3", "Reordered run_a 4"], await IssuesAsync(seed));
    }

    [Fact]
    public async Task EventRemovedFromTheMiddle_IsNamed()
    {
        var seed = await SeedAsync();
        await ledger.ExecuteAsync($"DELETE FROM events WHERE {Of}", seed.KeyOf("run_a"), 5);
        Assert.Equal(["Removed run_a 5"], await IssuesAsync(seed));
    }

    [Fact]
    public async Task EventRemovedAndTheRestRenumbered_IsNamed()
    {
        var seed = await SeedAsync();
        var key = seed.KeyOf("run_a");
        await ledger.ExecuteAsync($"DELETE FROM events WHERE {Of}", key, 5);
        await RenumberAsync(key, from: 6, by: -1);
        Assert.Equal(["Removed run_a 5"], await IssuesAsync(seed));
    }

    [Theory]
    [InlineData("sha256('forged')")]
    [InlineData("(SELECT hash FROM events WHERE stream_key = $1 AND version = 2)")]
    public async Task EventInserted_IsNamed(string hash)
    {
        var seed = await SeedAsync();
        var key = seed.KeyOf("run_a");
        await RenumberAsync(key, from: 4, by: 1);
        await ledger.ExecuteAsync($"""
            INSERT INTO events (stream_key, version, tenant_key, project_key, at, type, salt, payload, hash)
            SELECT stream_key, 4, tenant_key, project_key, at, type, salt, payload, {hash}
              FROM events WHERE stream_key = $1 AND version = 3
            """, key);
        Assert.Equal(["Inserted run_a 4"], await IssuesAsync(seed));
    }

    [Fact]
    public async Task TailRemoved_BehindACheckpoint_IsNamed()
    {
        var seed = await SeedAsync();
        await CheckpointAsync();
        await ledger.ExecuteAsync("DELETE FROM events WHERE stream_key = $1 AND version > $2",
            seed.KeyOf("run_a"), 6);
        Assert.Equal(["Removed run_a 7-8"], await IssuesAsync(seed));
    }

    [Fact]
    public async Task WholeStreamRemoved_BehindACheckpoint_IsNamed()
    {
        var seed = await SeedAsync();
        await CheckpointAsync();
        await ledger.ExecuteAsync("DELETE FROM events WHERE stream_key = $1", seed.KeyOf("run_a"));
        await ledger.ExecuteAsync("DELETE FROM streams WHERE stream_key = $1", seed.KeyOf("run_a"));
        Assert.Equal(["Removed run_a 1-8"], await IssuesAsync(seed));
    }

    [Fact]
    public async Task RewrittenWithAllHashes_BehindACheckpoint_IsNamed()
    {
        var seed = await SeedAsync();
        await CheckpointAsync();
        await seed.AppendAsync("run_a", 2);
        await CheckpointAsync();
        await RewriteAsync(seed, from: 9);
        Assert.Equal(["Changed run_a 9-10"], await IssuesAsync(seed));
    }

    [Fact]
    public async Task StreamRowRemoved_IsNamed()
    {
        var seed = await SeedAsync();
        await ledger.ExecuteAsync("DELETE FROM streams WHERE stream_key = $1", seed.KeyOf("run_a"));
        Assert.Equal([$"StreamChanged (key {seed.KeyOf("run_a")}) 0"], await OnlineAsync(seed));
    }

    [Fact]
    public async Task StreamRowRenamed_EveryEventAndTheStreamAreNamed()
    {
        var seed = await SeedAsync();
        await CheckpointAsync();
        await ledger.ExecuteAsync("UPDATE streams SET stream_id = 'run_x' WHERE stream_key = $1",
            seed.KeyOf("run_a"));
        var issues = await IssuesAsync(seed);
        Assert.Equal(8, issues.Count(i => i.StartsWith("Changed run_x")));
        Assert.Contains("Removed run_a 1-8", issues);
    }

    [Fact]
    public async Task EventsMovedToAnotherProject_AreNamedThereAndMissedHere()
    {
        var seed = await SeedAsync();
        await CheckpointAsync();
        var thief = await ledger.CreateProjectAsync(new(seed.Tenancy.Tenant, "thief"));
        await ledger.ExecuteAsync("UPDATE events SET project_key = $2 WHERE stream_key = $1",
            seed.KeyOf("run_a"),
            thief.Project);
        var issues = await OnlineAsync(seed, new AuditScope(seed.Tenancy.Tenant));
        Assert.Contains("StreamChanged run_a 0", issues);
        Assert.Contains("Removed run_a 1-8", issues);
    }

    [Fact]
    public async Task PayloadErased_WithItsRecord_IsIntactAndCounted()
    {
        var seed = await SeedAsync();
        await CheckpointAsync();
        var erasure = new PayloadErasure(ledger.Database, ledger.Tenants);
        var record = await erasure.EraseAsync(seed.Tenancy, "run_a", 3, "ana", None);
        Assert.Equal(["ErasedWithoutRecord run_a 3"], await IssuesAsync(seed));
        Assert.Equal(record, await erasure.EraseAsync(seed.Tenancy, "run_a", 3, "ana", None));

        await seed.AppendAsync("run_b", 1, PayloadErasure.EventType, record.Write());

        Assert.Empty(await IssuesAsync(seed));
        var report = await new LedgerAudit(ledger.Database, ledger.Home)
            .VerifyAsync(AuditScope.Of(seed.Tenancy), None);
        Assert.Equal(1, report.Erased);
        Assert.True(await ledger.ScalarAsync<bool>(
            "SELECT payload IS NULL AND salt IS NULL FROM events WHERE " + Of,
            seed.KeyOf("run_a"), 3));
    }

    [Fact]
    public async Task PayloadErased_RecordOrUnknownEventOrOtherProject_IsRefused()
    {
        var seed = await SeedAsync();
        var other = await SeedAsync();
        var erasure = new PayloadErasure(ledger.Database, ledger.Tenants);
        var record = await erasure.EraseAsync(seed.Tenancy, "run_a", 3, "ana", None);
        await seed.AppendAsync("run_c", 1, PayloadErasure.EventType, record.Write());
        foreach (var (tenancy, stream, version) in (((Core.Tenancy, string, int)[])
            [(seed.Tenancy, "run_c", 1), (seed.Tenancy, "run_a", 9), (other.Tenancy, "run_c", 1)]))
        {
            Assert.Equal("AEGIS4030", (await Assert.ThrowsAsync<AegisException>(
                () => erasure.EraseAsync(tenancy, stream, version, "ana", None))).Error.Code);
        }
    }

    [Fact]
    public async Task PayloadErasedAndItsHashForged_IsNamed()
    {
        var seed = await SeedAsync();
        await ledger.ExecuteAsync("UPDATE events SET payload = NULL, salt = NULL, "
            + "payload_hash = sha256('other') WHERE " + Of, seed.KeyOf("run_a"), 3);
        Assert.Equal(["Changed run_a 3", "ErasedWithoutRecord run_a 3"], await IssuesAsync(seed));
    }

    private async Task<EventSeeder> SeedAsync()
    {
        var seed = await EventSeeder.StartAsync(ledger, $"tamper{Interlocked.Increment(ref _tenants)}");
        await seed.AppendAsync("run_a", 8);
        await seed.AppendAsync("run_b", 8);
        return seed;
    }

    private async Task CheckpointAsync()
    {
        using var writer = new CheckpointWriter(ledger.Database, ledger.Home, TimeProvider.System);
        Assert.NotNull(await writer.WriteAsync(None));
    }

    private async Task RenumberAsync(long stream, int from, int by)
    {
        await ledger.ExecuteAsync(
            "UPDATE events SET version = -version WHERE stream_key = $1 AND version >= $2",
            stream, from);
        await ledger.ExecuteAsync(
            $"UPDATE events SET version = -version + {by} WHERE stream_key = $1 AND version < 0",
            stream);
    }

    // what an attacker can do who knows the whole design, but not the key of the checkpoints
    private async Task RewriteAsync(EventSeeder seed, int from)
    {
        var key = seed.KeyOf("run_a");
        await ledger.ExecuteAsync("UPDATE events SET payload = '{\"forged\":true}' WHERE " + Of, key, from);
        var previous = await ledger.ScalarAsync<byte[]>("SELECT hash FROM events WHERE " + Of, key, from - 1);
        var last = await ledger.ScalarAsync<int>("SELECT max(version) FROM events WHERE stream_key = $1",
            key);
        for (var version = from; version <= last; version++)
        {
            var type = await ledger.ScalarAsync<string>("SELECT type FROM events WHERE " + Of, key, version);
            var at = await ledger.ScalarAsync<DateTime>("SELECT at FROM events WHERE " + Of, key, version);
            var payloadHash = await ledger.ScalarAsync<byte[]>(
                "SELECT sha256(salt || payload) FROM events WHERE " + Of, key, version);
            var hash = new byte[32];
            EventHash.Chain(previous, seed.Tenancy, "run_a", version, type, EventHash.Microseconds(at),
                payloadHash, hash);
            await ledger.ExecuteAsync($"UPDATE events SET hash = $3 WHERE {Of}", key, version, hash);
            previous = hash;
        }
    }

    private async Task<List<string>> IssuesAsync(EventSeeder seed)
    {
        var online = await OnlineAsync(seed);
        using var export = new MemoryStream();
        await new LedgerExport(ledger.Database, ledger.Tenants, ledger.Home, TimeProvider.System)
            .WriteAsync(export, seed.Tenancy, None);
        export.Position = 0;
        Assert.Equal(online, Texts(ExportVerifier.Verify(export)));
        return online;
    }

    private async Task<List<string>> OnlineAsync(EventSeeder seed, AuditScope? scope = null) => Texts(
        await new LedgerAudit(ledger.Database, ledger.Home).VerifyAsync(scope ?? AuditScope.Of(seed.Tenancy),
            None));

    private static List<string> Texts(AuditReport report) =>
        [.. report.Issues.Select(i => $"{i.Kind} {i.Stream} {i.Version}"
            + (i.Version == i.LastVersion ? "" : $"-{i.LastVersion}")).Order(StringComparer.Ordinal)];
}
