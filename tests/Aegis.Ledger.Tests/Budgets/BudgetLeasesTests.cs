using Aegis.Core;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Ledger.Budgets;
using Aegis.Ledger.EventStore;
using Aegis.Tests.Shared;
using Xunit.Abstractions;

namespace Aegis.Ledger.Tests.Budgets;

public sealed class BudgetLeasesTests(LedgerFixture ledger, ITestOutputHelper output)
    : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Lease_GrantsAsTheArithmeticSays_AndTheNextNodeSeesIt()
    {
        var limit = await LimitAsync("grants", 80);
        var (one, two) = (await NodeAsync(), await NodeAsync());
        Assert.Equal(new LeaseAnswer(10, 70), await one.AskAsync(limit, 1, 50));
        Assert.Equal(new LeaseAnswer(30, 40), await two.AskAsync(limit, 30, 50));
        Assert.Equal(new LeaseAnswer(null, 40, true), await two.AskAsync(limit, 40.000000000001m, 50));
        Assert.Equal(new LeaseAnswer(40, 0), await one.AskAsync(limit, 40, 40));
        Assert.Equal(new BudgetUse(0, 80), await one.UseAsync(limit));
    }

    [Fact]
    public async Task Lease_OfSeveral_IsOfAllOrOfNone()
    {
        var (much, little) = (await LimitAsync("several", 80), await LimitAsync("several", 5, "key:a"));
        var node = await NodeAsync();
        var refused = await node.Leases.LeaseAsync([Ask(much, 6, 6), Ask(little, 6, 6)], None);
        Assert.Equal([new(null, 80), new(null, 5, true)], refused);
        Assert.Equal(new BudgetUse(0, 0), await node.UseAsync(much));
        var granted = await node.Leases.LeaseAsync([Ask(much, 5, 6), Ask(little, 5, 6)], None);
        Assert.Equal([new(6, 74), new(5, 0)], granted);
    }

    [Fact]
    public async Task HandIn_ToldTwice_CountsOnce_AndNeverBackwards()
    {
        var limit = await LimitAsync("told", 100);
        var node = await NodeAsync();
        await node.AskAsync(limit, 20, 20);
        foreach (var (spent, back) in new[] { (12m, 3m), (12m, 3m), (4m, 1m) })
        {
            await node.Leases.HandInAsync([new(limit.At(Now), 20, spent, back)], None);
            Assert.Equal(new BudgetUse(12, 5), await node.UseAsync(limit));
        }
    }

    [Fact]
    public async Task HandIn_OfLessThanWasGranted_TakesBackWhatAnAnswerLost()
    {
        var limit = await LimitAsync("lost", 100);
        var node = await NodeAsync();
        await node.AskAsync(limit, 20, 20);
        await node.Leases.HandInAsync([new(limit.At(Now), 0, 0, 0)], None);
        Assert.Equal(new BudgetUse(0, 0), await node.UseAsync(limit));
    }

    [Fact]
    public async Task HandIn_OfMoreThanWasLeased_IsSpent_AndOwedByTheNext()
    {
        var limit = await LimitAsync("owed", 10);
        var node = await NodeAsync();
        await node.AskAsync(limit, 1, 1);
        await node.Leases.HandInAsync([new(limit.At(Now), 1, 3, 0)], None);
        Assert.Equal(new BudgetUse(3, 0), await node.UseAsync(limit));
        Assert.Equal(new LeaseAnswer(null, 7, true), await node.AskAsync(limit, 9.01m, 9.01m));
        Assert.Equal(new LeaseAnswer(9, 0), await node.AskAsync(limit, 9, 9));
    }

    [Fact]
    public async Task Close_EndsWhatIsAccountedFor_AndTheNextLeaseBeginsAtZero()
    {
        var limit = await LimitAsync("closed", 100);
        var node = await NodeAsync();
        await node.AskAsync(limit, 20, 20);
        await node.Leases.HandInAsync([new(limit.At(Now), 20, 12, 3)], None);
        await node.Leases.CloseAsync([limit.At(Now)], None);
        Assert.Equal(new BudgetUse(12, 5), await node.UseAsync(limit));
        await node.Leases.HandInAsync([new(limit.At(Now), 20, 12, 8)], None);
        await node.Leases.CloseAsync([limit.At(Now)], None);
        await node.Leases.CloseAsync([limit.At(Now)], None);
        Assert.Equal(new BudgetUse(12, 0), await node.UseAsync(limit));
        await node.AskAsync(limit, 5, 5);
        await node.Leases.HandInAsync([new(limit.At(Now), 5, 2, 3)], None);
        Assert.Equal(new BudgetUse(14, 0), await node.UseAsync(limit));
    }

    [Fact]
    public async Task FencedNode_LeasesNothing_ButMaySayWhatItUsed()
    {
        var limit = await LimitAsync("fenced", 100);
        var (node, next) = (await NodeAsync(), await NodeAsync());
        await node.AskAsync(limit, 20, 20);
        await node.Lease.DisposeAsync();
        var refused = await Assert.ThrowsAsync<AegisException>(() => node.AskAsync(limit, 1, 1));
        Assert.Equal("AEGIS2374", refused.Error.Code);
        // what it held counts as used
        Assert.Equal(new LeaseAnswer(null, 80, true), await next.AskAsync(limit, 81, 81));
        await node.Leases.HandInAsync([new(limit.At(Now), 20, 4, 16)], None);
        Assert.Equal(new LeaseAnswer(96, 0), await next.AskAsync(limit, 96, 96));
    }

    [Fact]
    public async Task TenantsScopesPeriodsAndUnits_AreCountedApart()
    {
        var limit = await LimitAsync("apart", 10);
        var node = await NodeAsync();
        BudgetLimit[] others =
        [
            limit with { Tenant = (await LimitAsync("other", 1)).Tenant },
            limit with { Scope = BudgetScope.Project }, limit with { Holder = "x" },
            limit with { Period = BudgetPeriod.Day }, limit with { Period = BudgetPeriod.Total },
            limit with { Unit = BudgetUnit.Tokens }, limit with { Unit = BudgetUnit.Calls },
        ];
        Assert.All(await node.Leases.LeaseAsync([.. others.Select(o => Ask(o, 10, 10))], None),
            a => Assert.Equal(new LeaseAnswer(10, 0), a));
        Assert.Equal(10, (await node.AskAsync(limit, 10, 10)).Granted);
        Assert.Equal(10, (await node.Leases.LeaseAsync(
            [new(limit, limit.At(Now.AddMonths(1)), 10, 10)], None))[0].Granted);
    }

    [Fact]
    public async Task KeysMax_AndOneMore_AreHandedInAndClosed()
    {
        var limit = await LimitAsync("many", 10);
        var node = await NodeAsync();
        var limits = Enumerable.Range(0, BudgetLeases.KeysMax + 1)
            .Select(i => limit with { Holder = $"key:{i}", Scope = BudgetScope.Key }).ToList();
        await node.Leases.LeaseAsync([.. limits.Select(l => Ask(l, 3, 3))], None);
        await node.Leases.HandInAsync([.. limits.Select(l => new LeaseSums(l.At(Now), 3, 1, 2))], None);
        await node.Leases.CloseAsync([.. limits.Select(l => l.At(Now))], None);
        Assert.All(await node.Leases.LookAsync([.. limits.Select(l => l.At(Now))], None),
            u => Assert.Equal(new BudgetUse(1, 0), u));
        Assert.Equal(0L, await ledger.ScalarAsync<long>(
            "SELECT count(*) FROM aegis.budget_leases WHERE tenant_key = $1", limit.Tenant));
    }

    [Fact]
    public async Task Sweep_DropsLongOverPeriodsAndEndedRuns_AndNothingElse()
    {
        var limit = await LimitAsync("swept", 10);
        var node = await NodeAsync();
        var run = limit with { Scope = BudgetScope.Run, Holder = "run_1", Period = BudgetPeriod.Total };
        var alive = run with { Holder = "run_2" };
        var now = TimeProvider.System.GetUtcNow();
        BudgetKey[] kept = [limit.At(now), alive.At(now), (limit with { Period = BudgetPeriod.Day })
            .At(now - BudgetLeases.KeptFor)];
        BudgetKey[] gone = [run.At(now), (limit with { Period = BudgetPeriod.Day })
            .At(now - BudgetLeases.KeptFor - TimeSpan.FromDays(1))];
        await node.Leases.LeaseAsync([.. kept.Concat(gone).Select(k => new LeaseAsk(limit, k, 1, 1))], None);
        await ledger.ExecuteAsync("""
            INSERT INTO aegis.streams (stream_key, tenant_key, project_key, stream_id, owner_node, closed)
            SELECT 900000 + n, $1, (SELECT project_key FROM aegis.projects WHERE tenant_key = $1),
                   'run_' || n, (SELECT max(node_key) FROM aegis.nodes), n = 1 FROM generate_series(1, 2) n
            """, limit.Tenant);
        await node.Leases.SweepAsync(None);
        Assert.All(await node.Leases.LookAsync(kept, None), u => Assert.Equal(new BudgetUse(0, 1), u));
        Assert.All(await node.Leases.LookAsync(gone, None), u => Assert.Equal(new BudgetUse(0, 0), u));
        // a call that ended late is told of all the same
        await node.Leases.HandInAsync([new(gone[0], 1, 0.25m, 0.75m)], None);
        Assert.Equal(new BudgetUse(0.25m, 0), (await node.Leases.LookAsync(gone, None))[0]);
    }

    /// <summary>Any steps of three nodes over limits in every order: what PostgreSQL answers is what the
    /// arithmetic of <see cref="BudgetPool"/> says, and no two wait for each other for ever.</summary>
    [Fact]
    public async Task NodesAtOnce_InEveryOrderOfLimits_NeverGiveAwayMoreThanThereIs()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var limits = new List<BudgetLimit>();
        for (var i = 0; i < 4; i++)
        {
            limits.Add(await LimitAsync("race", 50 + i, $"h{i}"));
        }
        var nodes = new[] { await NodeAsync(), await NodeAsync(), await NodeAsync() };
        var granted = await Task.WhenAll(nodes.Select((node, n) => Task.Run(async () =>
        {
            var random = new Random(seed + n);
            var mine = new decimal[limits.Count];
            for (var i = 0; i < 60; i++)
            {
                var order = limits.ToArray();
                random.Shuffle(order);
                var some = order[..random.Next(1, 5)];
                var amount = random.Next(1, 3_000) / 1_000m;
                var answers = await node.Leases.LeaseAsync(
                    [.. some.Select(l => Ask(l, amount, amount * 2))], None);
                for (var a = 0; a < some.Length; a++)
                {
                    mine[limits.IndexOf(some[a])] += answers[a].Granted ?? 0;
                }
            }
            return mine;
        })));
        for (var i = 0; i < limits.Count; i++)
        {
            var sum = granted.Sum(g => g[i]);
            Assert.True(sum <= limits[i].Most, $"{limits[i]}: {sum}");
            Assert.Equal(new BudgetUse(0, sum), await nodes[0].UseAsync(limits[i]));
            // and all of the rest is there to be had: an ask of several may have been refused for another one
            var rest = limits[i].Most - sum;
            if (rest > 0)
            {
                var last = await nodes[0].Leases.LeaseAsync([Ask(limits[i], rest, rest)], None);
                Assert.Equal(rest, last[0].Granted);
            }
            Assert.Null((await nodes[0].Leases.LeaseAsync([Ask(limits[i], 0.001m, 1)], None))[0].Granted);
        }
    }

    private static LeaseAsk Ask(BudgetLimit limit, decimal needed, decimal wanted) =>
        new(limit, limit.At(Now), needed, wanted);

    private async Task<BudgetLimit> LimitAsync(string tenant, decimal most, string holder = "t") => new(
        (await ledger.CreateProjectAsync(new Tenancy(tenant, $"p{Guid.NewGuid():N}"))).Tenant,
        BudgetScope.Tenant, holder, BudgetPeriod.Month, BudgetUnit.Usd, most);

    private async Task<Node> NodeAsync()
    {
        var engine = new EngineLedger(ledger.Database);
        var lease = await engine.TakeLeaseAsync(None);
        return new Node(lease, engine.Budgets(lease));
    }

    private sealed record Node(NodeLease Lease, BudgetLeases Leases)
    {
        public async Task<LeaseAnswer> AskAsync(BudgetLimit limit, decimal needed, decimal wanted) =>
            (await Leases.LeaseAsync([Ask(limit, needed, wanted)], None))[0];

        public async Task<BudgetUse> UseAsync(BudgetLimit limit) =>
            (await Leases.LookAsync([limit.At(Now)], None))[0];
    }
}
