using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Ledger;
using Aegis.Ledger.Locks;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>Locks of holders that are no runs, on two nodes over one ledger: against each other and against
/// runs.</summary>
public sealed class OutsideLockTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const int Long = 60;
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Run_WaitsForAHolderOutside_AndIsGrantedOnItsNode_WhenThatGivesBack()
    {
        await using var two = await TwoAsync();
        var held = await two.GrantedAsync(two.One, ["db"]);
        var run = await two.Two.StartAsync("  - { id: a, uses: test.idem, lock: [db, cache], with: {} }\n");
        await WaitsAsync(run.Value);
        Assert.DoesNotContain("LockGranted", await two.Two.TypesAsync(run));

        Assert.IsType<OutsideAnswer.Granted>(await two.ReleaseAsync(two.One, held.LockId));

        Assert.Equal("PlanCompleted", await two.Two.EndAsync(run));
        var fact = (await two.Two.FactsAsync(run, "LockGranted"))[0];
        Assert.True(fact.GetProperty("fence").GetInt64() > held.Fence);
    }

    [Fact]
    public async Task HolderOutside_WaitsForARun_AndIsToldWhenItEnds()
    {
        await using var two = await TwoAsync();
        var run = await two.One.StartAsync(
            "  - { id: holds, uses: test.idem, lock: [site], with: { waits: true } }\n");
        await two.World.Entered("holds");
        var denied = Assert.IsType<OutsideAnswer.Denied>(await two.AskAsync(two.Two, ["site"], wait: 0));
        var by = Assert.Single(denied.Denial.HeldBy);
        Assert.Equal(("site", run.Value, 0, null), (by.Name, by.RunId, by.Task, by.LockId));
        Assert.Equal((OutsideDenial.Held, 1), (denied.Denial.Reason, denied.Denial.Position));
        var asked = two.AskAsync(two.Two, ["site"], Long);
        await WaitsForAsync("site");
        Assert.False(asked.IsCompleted);

        two.World.Release("holds");

        var granted = Assert.IsType<OutsideAnswer.Granted>(await asked).Lock;
        Assert.Equal("PlanCompleted", await two.One.EndAsync(run));
        Assert.True(granted.Fence
            > (await two.One.FactsAsync(run, "LockGranted"))[0].GetProperty("fence").GetInt64());
    }

    [Fact]
    public async Task HolderThatDies_LosesItsLockToTheNextInTheQueue_ByTheClockOfTheDatabase()
    {
        await using var two = await TwoAsync();
        var dead = await two.GrantedAsync(two.One, ["dies"]);
        var run = await two.Two.StartAsync("  - { id: b, uses: test.idem, lock: dies, with: {} }\n");
        await WaitsAsync(run.Value);
        var next = two.AskAsync(two.Two, ["dies"], Long);
        await ledger.UntilAsync<int>(
            "SELECT task FROM lock_requests WHERE names = '{dies}' AND fence IS NULL AND run_id <> $1",
            run.Value);

        // its program was killed and nobody renews it: its time is over once both wait
        var over = await ledger.ScalarAsync<DateTime>("""
            UPDATE lock_requests SET expires_at = clock_timestamp()
             WHERE names = '{dies}' AND fence IS NOT NULL RETURNING expires_at
            """);
        Assert.Equal("PlanCompleted", await two.Two.EndAsync(run));
        var granted = Assert.IsType<OutsideAnswer.Granted>(await next).Lock;

        Assert.True(granted.GrantedAt >= over);
        Assert.True(granted.Fence > dead.Fence);
        Assert.IsType<OutsideAnswer.Gone>(await two.RenewAsync(two.One, dead.LockId));
        Assert.IsType<OutsideAnswer.Gone>(await two.ReleaseAsync(two.One, dead.LockId));
        Assert.IsType<OutsideAnswer.Granted>(await two.RenewAsync(two.One, granted.LockId));
    }

    [Fact]
    public async Task NodeThatDies_TakesItsWaitersOutOfTheQueue_AndLeavesItsHoldersTheirTime()
    {
        await using var two = await TwoAsync();
        var held = await two.GrantedAsync(two.One, ["left"]);
        using var gone = new CancellationTokenSource();
        var waits = two.AskAsync(two.One, ["left", "other"], Long, left: gone.Token);
        await WaitsForAsync("other");
        // as if its node had been killed: it says nothing any more, and others fence it
        await ledger.ExecuteAsync("""
            UPDATE nodes SET fenced_at = now() WHERE node_key =
              (SELECT node_key FROM lock_requests WHERE 'other' = ANY (names))
            """);

        // before it in the queue was one that nobody hears; what is free is there at once
        await two.GrantedAsync(two.Two, ["other"]);
        var denied = Assert.IsType<OutsideAnswer.Denied>(await two.AskAsync(two.Two, ["left"], wait: 0));
        Assert.Equal(held.LockId, Assert.Single(denied.Denial.HeldBy).LockId);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
    }

    [Fact]
    public async Task WaiterThatLeaves_IsOutOfTheQueue_AndKeepsNothing()
    {
        await using var two = await TwoAsync();
        var held = await two.GrantedAsync(two.One, ["queue"]);
        using var gone = new CancellationTokenSource();
        var leaves = two.AskAsync(two.Two, ["queue", "behind"], Long, left: gone.Token);
        await WaitsForAsync("behind");
        var denied = Assert.IsType<OutsideAnswer.Denied>(await two.AskAsync(two.One, ["behind"], wait: 0));
        Assert.Equal((0, 2), (denied.Denial.HeldBy.Length, denied.Denial.Position));

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        await ledger.UntilAsync<long>(
            "SELECT count(*) FROM lock_requests WHERE 'behind' = ANY (names) HAVING count(*) = 0");
        await two.GrantedAsync(two.One, ["behind"]);
        await two.ReleaseAsync(two.One, held.LockId);
        await two.GrantedAsync(two.One, ["queue"]);
    }

    [Fact]
    public async Task WaitThatIsOver_IsDenied_WithItsPlaceInTheQueue()
    {
        await using var two = await TwoAsync();
        var held = await two.GrantedAsync(two.One, ["slow"]);
        var first = two.AskAsync(two.One, ["slow"], Long);
        await WaitsForAsync("slow");

        var denied = Assert.IsType<OutsideAnswer.Denied>(await two.AskAsync(two.Two, ["slow"], wait: 1));

        Assert.Equal((OutsideDenial.TimedOut, 2), (denied.Denial.Reason, denied.Denial.Position));
        Assert.Equal((held.LockId, held.Holder, held.GrantedAt), denied.Denial.HeldBy is [var by]
            ? (by.LockId, by.Holder, by.Since) : default);
        await two.ReleaseAsync(two.Two, held.LockId);
        Assert.IsType<OutsideAnswer.Granted>(await first);
    }

    [Fact]
    public async Task Project_HasSoManyAndNoMore()
    {
        await using var two = await TwoAsync("crowded");
        await ledger.ExecuteAsync("""
            INSERT INTO lock_requests (tenant_key, project_key, run_id, task, names, above, node_key, holder,
              actor, ttl_seconds, wait_until, fence, granted_at, expires_at)
            SELECT $1, $2, 'lock_' || n, -1, ARRAY['n' || n], '{}', (SELECT max(node_key) FROM nodes), 'h',
              'key:a', 600, now(), nextval('lock_fences'), now(), now() + interval '1 hour'
              FROM generate_series(1, $3) n
            """, two.Keys.Tenant, two.Keys.Project, LockTable.OutsideMax - 1);
        var last = await two.GrantedAsync(two.One, ["last"]);
        Assert.IsType<OutsideAnswer.Full>(await two.AskAsync(two.One, ["more"], wait: 0));
        await two.ReleaseAsync(two.One, last.LockId);
        await two.GrantedAsync(two.Two, ["more"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Many_OnTwoNodes_NeverTwoOnOneName_FencesGrow_AndAllGetTheirTurn(int seed)
    {
        await using var two = await TwoAsync();
        string[] names = ["p", "q", "r", "s", "t"];
        var busy = new ConcurrentDictionary<string, string>();
        var fences = new ConcurrentDictionary<string, long>();
        var served = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(async () =>
        {
            var random = new Random((seed * 1_000) + n);
            for (var round = 0; round < 8; round++)
            {
                var mine = names.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Select(x => $"{x}{seed}")
                    .ToArray();
                var held = await two.GrantedAsync(random.Next(2) == 0 ? two.One : two.Two, mine, wait: 120);
                foreach (var name in mine)
                {
                    Assert.True(busy.TryAdd(name, held.LockId), $"seed {seed}: two hold {name}");
                    Assert.True(fences.GetValueOrDefault(name) < held.Fence, $"seed {seed}: fence of {name}");
                    fences[name] = held.Fence;
                }
                if (random.Next(4) == 0)
                {
                    Assert.IsType<OutsideAnswer.Granted>(await two.RenewAsync(two.Two, held.LockId));
                }
                foreach (var name in mine)
                {
                    busy.TryRemove(name, out _);
                }
                // a node that did not grant it takes it back all the same
                await two.ReleaseAsync(random.Next(2) == 0 ? two.One : two.Two, held.LockId);
                Interlocked.Increment(ref served);
            }
        })));
        Assert.Equal(16 * 8, served);
    }

    private Task WaitsAsync(string run) => ledger.UntilAsync<int>(
        "SELECT task FROM lock_requests WHERE run_id = $1 AND fence IS NULL", run);

    private Task WaitsForAsync(string name) => ledger.UntilAsync<int>(
        "SELECT task FROM lock_requests WHERE $1 = ANY (names) AND fence IS NULL", name);

    private async Task<Nodes> TwoAsync(string project = "web")
    {
        var world = new World();
        var other = await LedgerDatabase.OpenAsync(
            new LedgerOptions { HomeDirectory = TestHome.Make(), ExternalUrl = ledger.Url },
            TimeProvider.System, None);
        var one = await EngineHost.StartAsync(ledger, world);
        var two = await EngineHost.StartAsync(ledger, world, database: other);
        var tenancy = EngineHost.Tenancy with { Project = project };
        var keys = await ledger.Tenants.ResolveAsync(tenancy, None)
            ?? await ledger.CreateProjectAsync(tenancy);
        return new Nodes(world, one, two, other, tenancy, keys);
    }

    private sealed record Nodes(World World, EngineHost One, EngineHost Two, LedgerDatabase Other,
        Tenancy Tenancy, TenancyKeys Keys) : IAsyncDisposable
    {
        public Task<OutsideAnswer> AskAsync(EngineHost at, string[] names, int wait, int ttl = Long,
            CancellationToken left = default) =>
            at.Node.OutsideLocks.AcquireAsync(
                Tenancy, Keys, [.. names], new OutsideAsk("terminal", "key:a", ttl, wait), left);

        public async Task<OutsideLock> GrantedAsync(
            EngineHost at, string[] names, int ttl = Long, int wait = Long) =>
            Assert.IsType<OutsideAnswer.Granted>(await AskAsync(at, names, wait, ttl)).Lock;

        public Task<OutsideAnswer> RenewAsync(EngineHost at, string id) =>
            at.Node.OutsideLocks.RenewAsync(Tenancy, Keys, id, null, "key:a", None);

        public Task<OutsideAnswer> ReleaseAsync(EngineHost at, string id) =>
            at.Node.OutsideLocks.ReleaseAsync(Tenancy, Keys, id, "key:a", None);

        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Two.DisposeAsync();
            await Other.DisposeAsync();
        }
    }
}
