using Aegis.Core;
using Aegis.Core.Runs.Locks;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Locks;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Ledger.Tests;

public sealed class LockTableTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Ask_ForSeveral_GetsAllOrNone_InTheOrderOfTheQueue_WithGrowingFences()
    {
        await using var p = await Place.OpenAsync(ledger, "queue");
        var first = Assert.Single(await p.AskAsync("r1", "a", "b"));
        Assert.Empty(await p.AskAsync("r2", "b", "c"));
        // c is free, but the one before wants it first
        Assert.Empty(await p.AskAsync("r3", "c"));
        var other = Assert.Single(await p.AskAsync("r4", "d"));

        var second = Assert.Single(await p.ReleaseAsync("r1"));
        var third = Assert.Single(await p.ReleaseAsync("r2"));

        Assert.Equal(["r1", "r4", "r2", "r3"],
            new[] { first, other, second, third }.Select(g => g.Owner.RunId));
        Assert.Equal<string>(["b", "c"], second.Names);
        Assert.True(first.Fence < other.Fence && other.Fence < second.Fence && second.Fence < third.Fence);
    }

    [Fact]
    public async Task Ask_FromManyAtOnceInEveryOrder_NeverTwoOnOneName_AndAllGetTheirTurn()
    {
        await using var p = await Place.OpenAsync(ledger, "many");
        var seed = Environment.TickCount & 0xFFFF;
        var random = new Random(seed);
        string[] all = ["a", "b", "c", "d", "e"];
        var wishes = Enumerable.Range(0, 40).Select(n =>
        {
            var names = all.ToArray();
            random.Shuffle(names);
            return (Run: $"r{n}", Names: names[..random.Next(1, 4)]);
        }).ToList();
        var waiting = new System.Collections.Concurrent.ConcurrentQueue<LockGrant>();
        await Task.WhenAll(wishes.Select(async wish =>
        {
            foreach (var grant in await p.AskAsync(wish.Run, wish.Names))
            {
                waiting.Enqueue(grant);
            }
        }));
        var served = 0;
        while (waiting.TryDequeue(out var grant))
        {
            served++;
            foreach (var next in await p.ReleaseAsync(grant.Owner.RunId))
            {
                waiting.Enqueue(next);
            }
        }
        Assert.True(served == wishes.Count, $"seed {seed}: {served} of {wishes.Count} were served");
        Assert.Equal(0, await p.HeldAsync());
    }

    [Fact]
    public async Task Grant_ToARunOfAnotherNode_IsToldThere_Once()
    {
        await using var one = await Place.OpenAsync(ledger, "nodes");
        await using var two = await Place.OpenAsync(ledger, "nodes", "home-two");
        Assert.Single(await one.AskAsync("r1", "a"));
        Assert.Empty(await two.AskAsync("r2", "a"));

        Assert.Empty(await one.ReleaseAsync("r1"));

        Assert.Empty(await one.Table.TellAsync(None));
        Assert.Equal("r2", Assert.Single(await two.Table.TellAsync(None)).Owner.RunId);
        Assert.Empty(await two.Table.TellAsync(None));
    }

    [Fact]
    public async Task Ask_Again_KeepsItsPlace_AndTellsAGrantAgain()
    {
        await using var p = await Place.OpenAsync(ledger, "again");
        var first = Assert.Single(await p.AskAsync("r1", "a"));
        await p.AskAsync("r2", "a");
        await p.AskAsync("r3", "a");
        Assert.Equal(first.Fence, Assert.Single(await p.AskAsync("r1", "a")).Fence);
        Assert.Empty(await p.AskAsync("r2", "a"));
        Assert.Equal("r2", Assert.Single(await p.ReleaseAsync("r1")).Owner.RunId);
    }

    [Fact]
    public async Task TakeOver_AfterADeath_KeepsWhatTheEventsSay_AndFreesTheRest()
    {
        await using var dead = await Place.OpenAsync(ledger, "death");
        Assert.Single(await dead.AskAsync("held", "a"));
        Assert.Single(await dead.AskAsync("unrecorded", "b"));
        Assert.Empty(await dead.AskAsync("stranger", "b"));
        Assert.Empty(await dead.AskAsync("place", "a"));
        await using var next = await Place.OpenAsync(ledger, "death", "home-two");
        await next.FenceAsync(dead);

        var held = new LockEntry(next.Owner("held"), ["a"], []);
        Assert.Empty(await next.TurnAsync(new LockWish.TakeOver("held", [held], [0])));
        Assert.Empty(await next.TurnAsync(new LockWish.TakeOver("stranger", [], [0])));
        Assert.Empty(await next.TurnAsync(new LockWish.TakeOver("place", [], [0])));
        Assert.Equal("stranger",
            Assert.Single(await next.TurnAsync(new LockWish.TakeOver("unrecorded", [], [0]))).Owner.RunId);
        Assert.Equal("place", Assert.Single(await next.ReleaseAsync("held")).Owner.RunId);

        // the dead one wakes up and decides nothing
        Assert.Empty(await dead.AskAsync("late", "z"));
        Assert.Single(await next.AskAsync("early", "z"));
    }

    [Fact]
    public async Task TakeOver_OfWhatNoRowSays_HoldsItAllTheSame()
    {
        await using var p = await Place.OpenAsync(ledger, "older");
        var held = new LockEntry(p.Owner("r1"), ["a"], []);
        Assert.Empty(await p.TurnAsync(new LockWish.TakeOver("r1", [held], [0])));
        Assert.Empty(await p.AskAsync("r2", "a"));
        Assert.Equal("r2", Assert.Single(await p.ReleaseAsync("r1")).Owner.RunId);
    }

    [Fact]
    public async Task Locks_OfTwoProjects_AreApart()
    {
        await using var one = await Place.OpenAsync(ledger, "apart");
        await using var two = await Place.OpenAsync(ledger, "apart-too", "home-two");
        Assert.Single(await one.AskAsync("r1", "a"));
        Assert.Single(await two.AskAsync("r1", "a"));
    }

    [Fact]
    public async Task Database_LetsNoTwoHoldAName_WhateverADecisionSays()
    {
        await using var p = await Place.OpenAsync(ledger, "wall");
        await p.AskAsync("r1", "a");
        await p.AskAsync("r2", "a");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ledger.ExecuteAsync(
            "INSERT INTO held_locks SELECT tenant_key, project_key, 'a', request_id FROM lock_requests "
            + "WHERE run_id = 'r2' AND tenant_key = $1", p.Keys.Tenant));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, refused.SqlState);
    }

    [Theory]
    [InlineData(LockTable.NamesMax, true)]
    [InlineData(LockTable.NamesMax + 1, false)]
    public async Task Ask_ForSoMany_IsHeldToTheLimit(int count, bool taken)
    {
        await using var p = await Place.OpenAsync(ledger, "limit");
        var ask = p.AskAsync($"r{count}", [.. Enumerable.Range(0, count).Select(n => $"{count}-{n}")]);
        if (taken)
        {
            Assert.Single(await ask);
        }
        else
        {
            await Assert.ThrowsAsync<PostgresException>(() => ask);
        }
    }

    private sealed class Place(
        LedgerFixture ledger, Tenancy tenancy, TenancyKeys keys, NodeLease lease, LockTable table)
        : IAsyncDisposable
    {
        public TenancyKeys Keys => keys;

        public LockTable Table => table;

        public static async Task<Place> OpenAsync(
            LedgerFixture ledger, string tenant, string home = "home-one")
        {
            var tenancy = new Tenancy(tenant, "web");
            var keys = await ledger.Tenants.ResolveAsync(tenancy, None)
                ?? await ledger.CreateProjectAsync(tenancy);
            var lease = await NodeLease.TakeAsync(ledger.Database.Source(LedgerRole.Engine), home, None);
            return new Place(ledger, tenancy, keys, lease, new LockTable(ledger.Database, lease.NodeKey));
        }

        public LockOwner Owner(string run) => new(tenancy, run, 0);

        public Task<IReadOnlyList<LockGrant>> AskAsync(string run, params string[] names) =>
            TurnAsync(new LockWish.Ask(new LockEntry(Owner(run), [.. names], [])));

        public Task<IReadOnlyList<LockGrant>> ReleaseAsync(string run) =>
            TurnAsync(new LockWish.Release(Owner(run)));

        public async Task<IReadOnlyList<LockGrant>> TurnAsync(LockWish wish) =>
            (await table.TurnAsync(tenancy, keys, [wish], None)).Granted;

        public Task<long> HeldAsync() => ledger.ScalarAsync<long>(
            "SELECT count(*) FROM held_locks WHERE tenant_key = $1", keys.Tenant);

        public Task FenceAsync(Place dead) => ledger.ExecuteAsync(
            "UPDATE nodes SET fenced_at = now() WHERE node_key = $1", dead.LeaseKey);

        private long LeaseKey => lease.NodeKey;

        public async ValueTask DisposeAsync() => await lease.DisposeAsync();
    }
}
