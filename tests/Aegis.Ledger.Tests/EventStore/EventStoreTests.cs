using System.Text;
using Aegis.Core;
using Aegis.Core.Audit;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Ledger.Tests.EventStore;

public sealed class EventStoreTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 8, 42, 0, TimeSpan.Zero);

    [Fact]
    public async Task Append_ManyStreamsAtOnce_KeepsEachInOrderAndChained()
    {
        await using var writer = await Writer.OpenAsync(ledger, "home-a");
        var heads = new List<StreamHead>();
        var done = new List<Task<AppendOutcome>>();
        for (var i = 0; i < 20; i++)
        {
            var head = await writer.NewHeadAsync($"run_many{i}");
            heads.Add(head);
            done.Add(writer.AppendAsync(head, isNew: true, 1));
            for (var n = 0; n < 30; n++)
            {
                done.Add(writer.AppendAsync(head, isNew: false, 2));
            }
        }
        Assert.All(await Task.WhenAll(done), o => Assert.Equal(AppendOutcome.Committed, o));
        foreach (var head in heads)
        {
            await AssertChainAsync(head, 61);
        }
    }

    [Fact]
    public async Task Append_ToATakenVersion_LosesAloneAndTheRestCommits()
    {
        await using var writer = await Writer.OpenAsync(ledger, "home-b");
        var head = await writer.NewHeadAsync("run_conflict");
        await writer.AppendAsync(head, isNew: true, 1);
        var stale = new StreamHead(head.Key, head.Keys, head.Tenancy, head.StreamId);
        var other = await writer.NewHeadAsync("run_innocent");
        using var hold = writer.Hold();
        var lost = writer.AppendAsync(stale, isNew: false, 1);
        var fine = writer.AppendAsync(other, isNew: true, 1);
        hold.Dispose();
        Assert.Equal((AppendOutcome.Conflict, AppendOutcome.Committed), (await lost, await fine));
    }

    [Fact]
    public async Task Append_OfAFencedNode_InsertsNothing_AndItsSuccessorMay()
    {
        await using var old = await Writer.OpenAsync(ledger, "home-c");
        var head = await old.NewHeadAsync("run_fenced");
        Assert.Equal(AppendOutcome.Committed, await old.AppendAsync(head, isNew: true, 1));
        await using var next = await Writer.OpenAsync(ledger, "home-c");
        Assert.True(await next.Lease.FenceDeadAsync(CancellationToken.None) >= 1);
        Assert.Equal(AppendOutcome.Fenced, await old.AppendAsync(head, isNew: false, 1));
        Assert.False(await old.Lease.RenewAsync(CancellationToken.None));
        var claimed = await next.Streams.ClaimAsync(next.Lease.NodeKey, CancellationToken.None);
        Assert.Contains(claimed, s => s.Key == head.Key);
        var successor = new StreamHead(head.Key, head.Keys, head.Tenancy, head.StreamId);
        var stored = await StoredOf(head.Key).LastAsync();
        successor.Resume(stored.Version, stored.Hash);
        Assert.Equal(AppendOutcome.Committed, await next.AppendAsync(successor, isNew: false, 1));
        await AssertChainAsync(head, 2);
    }

    /// <summary>A connection that breaks in a look-up, after the insert was refused: the flush goes again,
    /// and must not meet what is left of it.</summary>
    [Fact]
    public async Task Insert_AfterALookUpBroke_OpensAnotherConnection()
    {
        await using var writer = await Writer.OpenAsync(ledger, "home-look-up");
        using var connection = new AppendConnection(
            ledger.Database.ConnectionString(LedgerRole.Engine), writer.Lease.NodeKey);
        var head = await writer.NewHeadAsync("run_look_up");
        Append Next(bool isNew) =>
            new(head, [head.Chain("TaskCompleted", At, "{}"u8.ToArray())], isNew, _ => { });
        var first = Next(isNew: true);
        Assert.True(connection.Insert([first]));
        Assert.Single(connection.Find([first], first: true));
        await ledger.ExecuteAsync("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            + "WHERE application_name = 'aegis-commit'");
        Assert.ThrowsAny<NpgsqlException>(() => connection.Find([first], first: true));
        Assert.True(connection.Insert([Next(isNew: false)]));
        await AssertChainAsync(head, 2);
    }

    [Fact]
    public async Task Append_WhileConnectionsAreKilled_CommitsEachExactlyOnce()
    {
        await using var writer = await Writer.OpenAsync(ledger, "home-d");
        var head = await writer.NewHeadAsync("run_broken");
        await writer.AppendAsync(head, isNew: true, 1);
        for (var round = 0; round < 10; round++)
        {
            var pending = Enumerable.Range(0, 20).Select(_ => writer.AppendAsync(head, isNew: false, 3))
                .ToList();
            await ledger.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                + "WHERE application_name = 'aegis-commit'");
            Assert.All(await Task.WhenAll(pending), o => Assert.Equal(AppendOutcome.Committed, o));
        }
        await AssertChainAsync(head, 1 + (10 * 20 * 3));
    }

    [Fact]
    public async Task Feed_WithThreeWriters_SkipsNothing()
    {
        var writers = new List<Writer>();
        for (var i = 0; i < 3; i++)
        {
            writers.Add(await Writer.OpenAsync(ledger, $"home-feed-{i}"));
        }
        using var stop = new CancellationTokenSource();
        var seen = new HashSet<(long, int)>();
        var reader = Task.Run(() => ReadFeedAsync(seen, stop.Token));
        await Task.WhenAll(writers.Select((w, i) => Task.Run(async () =>
        {
            for (var n = 0; n < 60; n++)
            {
                var head = await w.NewHeadAsync($"run_feed_{i}_{n}");
                await Task.WhenAll(w.AppendAsync(head, true, 5), w.AppendAsync(head, false, 20));
            }
        })));
        var total = await ledger.ScalarAsync<long>("SELECT count(*) FROM events");
        while (seen.Count < total && !reader.IsFaulted)
        {
            total = await ledger.ScalarAsync<long>("SELECT count(*) FROM events");
        }
        await stop.CancelAsync();
        await reader;
        Assert.Equal(total, seen.Count);
        foreach (var writer in writers)
        {
            await writer.DisposeAsync();
        }
    }

    private async Task ReadFeedAsync(HashSet<(long, int)> seen, CancellationToken stop)
    {
        var feed = new EventFeed(ledger.Database.Source(LedgerRole.Engine));
        var cursor = FeedCursor.Start;
        while (!stop.IsCancellationRequested)
        {
            foreach (var e in await feed.ReadAsync(cursor, 1000, CancellationToken.None))
            {
                Assert.True(seen.Add((e.StreamKey, e.Version)), "the feed gave an event twice");
                cursor = e.Cursor;
            }
        }
    }

    private IAsyncEnumerable<StoredEvent> StoredOf(long key) =>
        new EventReader(ledger.Database.Source(LedgerRole.Engine)).ReadAsync(key, 0, CancellationToken.None);

    private async Task AssertChainAsync(StreamHead head, int count)
    {
        var (previous, version) = (EventHash.Genesis.ToArray(), 0);
        await using var command = ledger.Super.CreateCommand(
            "SELECT version, type, at, salt, payload, hash FROM events "
            + "WHERE stream_key = $1 ORDER BY version");
        command.Parameters.AddWithValue(head.Key);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            Assert.Equal(++version, reader.GetInt32(0));
            var (payload, next) = (new byte[32], new byte[32]);
            EventHash.Payload(reader.GetFieldValue<byte[]>(3), reader.GetFieldValue<byte[]>(4), payload);
            EventHash.Chain(previous, head.Tenancy, head.StreamId, version, reader.GetString(1),
                EventHash.Microseconds(reader.GetFieldValue<DateTimeOffset>(2)), payload, next);
            Assert.Equal(next, reader.GetFieldValue<byte[]>(5));
            previous = next;
        }
        Assert.Equal(count, version);
    }

    /// <summary>A node's commit thread, without an engine.</summary>
    private sealed class Writer(
        GroupCommit commit, NodeLease lease, StreamDirectory streams, TenancyKeys keys)
        : IAsyncDisposable
    {
        private static readonly Tenancy Tenancy = new("acme", "web");
        private static readonly SemaphoreSlim Once = new(1);

        public NodeLease Lease => lease;

        public StreamDirectory Streams => streams;

        public static async Task<Writer> OpenAsync(LedgerFixture ledger, string home)
        {
            await Once.WaitAsync();
            var keys = await ledger.Tenants.ResolveAsync(Tenancy, CancellationToken.None)
                ?? await ledger.CreateProjectAsync(Tenancy);
            Once.Release();
            var engine = ledger.Database.Source(LedgerRole.Engine);
            var lease = await NodeLease.TakeAsync(engine, home, CancellationToken.None);
            var commit = new GroupCommit(
                new AppendConnection(ledger.Database.ConnectionString(LedgerRole.Engine),
                lease.NodeKey));
            return new Writer(commit, lease, new StreamDirectory(engine), keys);
        }

        public Task<StreamHead> NewHeadAsync(string id) =>
            Task.FromResult(new StreamHead(streams.NewKey(), keys, Tenancy, id));

        public Task<AppendOutcome> AppendAsync(StreamHead head, bool isNew, int events)
        {
            var chained = Enumerable.Range(0, events)
                .Select(n => head.Chain(
                "TaskCompleted", At.AddTicks(n), Encoding.UTF8.GetBytes($"{{\"n\":{n}}}")))
                .ToList();
            return commit.AppendAsync(head, chained, isNew);
        }

        /// <summary>Keeps the commit thread busy until disposed, so that appends meet in one flush.</summary>
        public IDisposable Hold()
        {
            var gate = new ManualResetEventSlim();
            var head = new StreamHead(streams.NewKey(), keys, Tenancy, "run_hold" + streams.NewKey());
            var e = head.Chain("TaskCompleted", At, "{}"u8.ToArray());
            var entered = new ManualResetEventSlim();
            commit.Enqueue(new Append(head, [e], true, _ =>
            {
                entered.Set();
                gate.Wait();
            }));
            entered.Wait();
            return new Release(gate);
        }

        public async ValueTask DisposeAsync()
        {
            commit.Dispose();
            await lease.DisposeAsync();
        }

        private sealed class Release(ManualResetEventSlim gate) : IDisposable
        {
            public void Dispose() => gate.Set();
        }
    }
}
