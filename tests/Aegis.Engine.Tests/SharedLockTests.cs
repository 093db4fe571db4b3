using Aegis.Core;
using Aegis.Ledger;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>Locks of steps, held by runs of two nodes over one ledger.</summary>
public sealed class SharedLockTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const string Step =
        "  - { id: STEP, uses: test.idem, lock: [db, cache], with: { waits: true } }\n";

    [Fact]
    public async Task TwoNodes_NeverHoldALockAtOnce_AndTheSecondIsToldWhenTheFirstEnds()
    {
        var world = new World();
        await using var other = await OtherHomeAsync();
        await using var one = await EngineHost.StartAsync(ledger, world);
        await using var two = await EngineHost.StartAsync(ledger, world, database: other);
        var first = await one.StartAsync(Step.Replace("STEP", "one", StringComparison.Ordinal));
        await world.Entered("one");
        var second = await two.StartAsync(Step.Replace("STEP", "two", StringComparison.Ordinal));
        await ledger.UntilAsync<int>(
            "SELECT task FROM lock_requests WHERE run_id = $1 AND fence IS NULL", second.Value);
        Assert.DoesNotContain("LockGranted", await two.TypesAsync(second));

        world.Release("one");

        Assert.Equal("PlanCompleted", await one.EndAsync(first));
        await world.Entered("two");
        world.Release("two");
        Assert.Equal("PlanCompleted", await two.EndAsync(second));
        Assert.True(await FenceAsync(one, first) < await FenceAsync(two, second));
        Assert.Equal(0, await ledger.UntilAsync<long>(
            "SELECT count(*) FROM held_locks HAVING count(*) = 0"));
    }

    [Fact]
    public async Task Death_OfTheHolder_FreesNothingThatItsRunStillHolds()
    {
        var world = new World();
        await using var other = await OtherHomeAsync();
        var dying = await EngineHost.StartAsync(ledger, world);
        await using var two = await EngineHost.StartAsync(ledger, world, database: other);
        var first = await dying.StartAsync(Step.Replace("STEP", "held", StringComparison.Ordinal));
        await world.Entered("held");
        var second = await two.StartAsync(Step.Replace("STEP", "next", StringComparison.Ordinal));
        await ledger.UntilAsync<int>(
            "SELECT task FROM lock_requests WHERE run_id = $1 AND fence IS NULL", second.Value);
        // its successor at the same home fences it
        dying.Node.Freeze();

        await using var successor = await EngineHost.StartAsync(ledger, world);

        Assert.DoesNotContain("LockGranted", await two.TypesAsync(second));
        world.Release("held");
        Assert.Equal("PlanCompleted", await successor.EndAsync(first));
        world.Release("next");
        Assert.Equal("PlanCompleted", await two.EndAsync(second));
        await dying.DisposeAsync();
    }

    private static async Task<long> FenceAsync(EngineHost host, RunId run) =>
        (await host.FactsAsync(run, "LockGranted"))[0].GetProperty("fence").GetInt64();

    private Task<LedgerDatabase> OtherHomeAsync() => LedgerDatabase.OpenAsync(
        new LedgerOptions { HomeDirectory = TestHome.Make(), ExternalUrl = ledger.Url }, TimeProvider.System,
        CancellationToken.None);
}
