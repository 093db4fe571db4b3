using Aegis.Core.Budgets;
using Aegis.Core.Tests.Routing;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Budgets;

public sealed class BudgetBlockTests(ITestOutputHelper output)
{
    [Fact]
    public void Reserve_UpToTheLastPartOfAMicroDollar()
    {
        var block = default(BudgetBlock).Lease(1);
        const decimal Least = 0.0000000001m;
        Assert.Null(block.Reserve(1 + Least));
        var reserved = block.Reserve(1 - Least)!.Value;
        Assert.Equal(Least, reserved.Free);
        Assert.Null(reserved.Reserve(2 * Least));
        Assert.Equal(0, reserved.Reserve(Least)!.Value.Free);
    }

    [Fact]
    public void Settle_ActualTakesThePlaceOfTheWorstCase()
    {
        var block = default(BudgetBlock).Lease(10).Reserve(4)!.Value.Settle(4, 1.5m);
        Assert.Equal(new BudgetBlock(10, 0, 1.5m, 0), block);
        Assert.Equal(8.5m, block.Free);
    }

    [Fact]
    public void Release_LeavesNothingBehind()
    {
        var block = default(BudgetBlock).Lease(10);
        Assert.Equal(block, block.Reserve(4)!.Value.Release(4));
    }

    [Fact]
    public void MoreThanItsWorstCase_IsOwed_AndNothingIsFreeBelowZero()
    {
        var block = default(BudgetBlock).Lease(3).Reserve(2)!.Value.Settle(2, 5);
        Assert.Equal((0m, 2m, 5m), (block.Free, block.Overdrawn, block.Spent));
        Assert.Null(block.Reserve(0.01m));
        Assert.NotNull(block.Reserve(0));
        Assert.Equal((1m, 0m), (block.Lease(3).Free, block.Lease(3).Overdrawn));
        Assert.Equal(block, block.GiveBack());
    }

    [Fact]
    public void BugsOfTheCaller_AreRefused()
    {
        var block = default(BudgetBlock).Lease(1).Reserve(1)!.Value;
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Release(1.01m));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Release(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Settle(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Reserve(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Lease(-1));
    }

    [Fact]
    public void AnyOrderOfSteps_LosesAndMakesNothing()
    {
        var random = Seeded.Random(output);
        for (var round = 0; round < 200; round++)
        {
            var (block, open, spent, leased) = (default(BudgetBlock), new List<decimal>(), 0m, 0m);
            for (var step = 0; step < 200; step++)
            {
                var amount = Money(random, 1);
                switch (random.Next(5))
                {
                    case 0:
                        block = block.Lease(amount);
                        leased += amount;
                        break;
                    case 1 when block.Reserve(amount) is { } reserved:
                        block = reserved;
                        open.Add(amount);
                        break;
                    case 2 when open.Count > 0:
                        var actual = open[0] * random.Next(0, 1_001) / 1_000;
                        block = block.Settle(open[0], actual);
                        spent += actual;
                        open.RemoveAt(0);
                        break;
                    case 3 when open.Count > 0:
                        block = block.Release(open[^1]);
                        open.RemoveAt(open.Count - 1);
                        break;
                    case 4 when random.Next(10) == 0:
                        block = block.GiveBack(Money(random, 1));
                        break;
                }
                Assert.Equal((leased, spent, open.Sum()), (block.Leased, block.Spent, block.Reserved));
                Assert.True(block.Free >= 0 && block.Overdrawn == 0);
                Assert.Equal(leased, block.GivenBack + block.Spent + block.Reserved + block.Free);
            }
        }
    }

    [Fact]
    public void Pool_GrantsWhatIsNeeded_AndSmallerBlocksTowardsItsEnd()
    {
        var (pool, none) = (new BudgetPool(80, 0, 0), default(BudgetLease));
        Assert.Equal(10, pool.Grant(none, 1, 50));
        Assert.Equal(5, pool.Grant(none, 1, 5));
        Assert.Equal(30, pool.Grant(none, 30, 50));
        Assert.Equal(80, pool.Grant(none, 80, 80));
        Assert.Null(pool.Grant(none, 80.000001m, 90));
        var lease = new BudgetLease(70, 0, 0);
        var leased = pool.With(none, lease);
        Assert.Equal(10, leased.Left);
        Assert.Null(leased.Grant(lease, 11, 11));
        Assert.Equal(new BudgetPool(80, 20, 40), leased.With(lease, new(70, 20, 10)));
        Assert.Equal(20, leased.With(lease, new(70, 20, 10)).Left);
        Assert.Equal(0, new BudgetPool(5, 9, 0).Left);
    }

    [Fact]
    public void Pool_OfWholeThings_GrantsWholeOnes()
    {
        var pool = new BudgetPool(100, 0, 0);
        Assert.Equal(12, pool.Grant(default, 1, 50, 0));
        Assert.Equal(3, pool.Grant(default, 1, 3.9m, 0));
        Assert.Equal(2, pool.Grant(default, 2, 2, 0));
        Assert.Equal(1, new BudgetPool(7, 0, 0).Grant(default, 1, 7, 0));
    }

    [Fact]
    public void Shown_HasNoZerosBehindIt()
    {
        Assert.Equal("100", $"{Core.Budgets.Money.Shown(100.000000000000m)}");
        Assert.Equal("0.5", $"{Core.Budgets.Money.Shown(0.500m)}");
        Assert.Equal("0", $"{Core.Budgets.Money.Shown(0.000m)}");
        Assert.Equal("1000000000000.000000000001",
            $"{Core.Budgets.Money.Shown(1_000_000_000_000.000000000001m)}");
    }

    [Fact]
    public void Pool_OverdrawnLease_IsCountedOnce_AndMakesNoRoom()
    {
        var (first, spent, more) = (new BudgetLease(1, 0, 0), new BudgetLease(1, 3, 0),
            new BudgetLease(3.5m, 3, 0));
        var pool = new BudgetPool(10, 0, 0).With(default, first).With(first, spent);
        Assert.Equal(new BudgetPool(10, 3, 0), pool);
        Assert.Equal(2, spent.Owed);
        // the two that are owed are counted as spent already
        Assert.Equal(9, pool.Grant(spent, 9, 9));
        Assert.Null(pool.Grant(spent, 9.01m, 9.01m));
        Assert.Equal(new BudgetPool(10, 3, 0.5m), pool.With(spent, more));
    }

    [Fact]
    public void Amounts_OfTwelvePlaces_AreAddedAndTakenAwayExactly()
    {
        const decimal Odd = 0.333333333333m;
        Assert.Equal(0.333333333334m, new CallCost(Odd + 0.0000000000001m, 1).Of(BudgetUnit.Usd));
        // an eighth of a third has more places than are granted
        Assert.Equal(0.041666666666m, new BudgetPool(Odd, 0, 0).Grant(default, 0, 1));
        var (pool, lease) = (new BudgetPool(BudgetLimit.AmountMax, 0, 0), default(BudgetLease));
        for (var i = 0; i < 1_000; i++)
        {
            var granted = pool.Grant(lease, Odd, 1)!.Value;
            var after = new BudgetLease(lease.Leased + granted, lease.Spent + Odd,
                lease.GivenBack + granted - Odd);
            (pool, lease) = (pool.With(lease, after), after);
        }
        Assert.Equal(new BudgetPool(BudgetLimit.AmountMax, 333.333333333m, 0), pool);
        Assert.Equal(BudgetLimit.AmountMax, pool.Left + pool.Spent);
    }

    [Theory]
    [InlineData(BudgetPeriod.Month, "2026-02-28T23:59:59.9999999Z", "2026-02-01", "2026-03-01T00:00:00Z")]
    [InlineData(BudgetPeriod.Month, "2026-03-01T00:00:00Z", "2026-03-01", "2026-04-01T00:00:00Z")]
    [InlineData(BudgetPeriod.Month, "2026-03-01T00:30:00+02:00", "2026-02-01", "2026-03-01T00:00:00Z")]
    [InlineData(BudgetPeriod.Month, "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01T00:00:00Z")]
    [InlineData(BudgetPeriod.Day, "2028-02-28T12:00:00Z", "2028-02-28", "2028-02-29T00:00:00Z")]
    [InlineData(BudgetPeriod.Day, "2026-06-30T23:30:00-02:00", "2026-07-01", "2026-07-02T00:00:00Z")]
    [InlineData(BudgetPeriod.Total, "2026-06-30T23:30:00Z", "0001-01-01", null)]
    public void Periods_AreThoseOfTheCalendar_Utc(BudgetPeriod period, string at, string from,
        string? until)
    {
        DateTimeOffset? end = until is null ? null : DateTimeOffset.Parse(until);
        Assert.Equal(new BudgetWindow(DateOnly.Parse(from), end),
            BudgetWindow.Of(period, DateTimeOffset.Parse(at)));
    }

    [Theory]
    [InlineData("0", BudgetUnit.Usd, true)]
    [InlineData("0.0000001", BudgetUnit.Usd, true)]
    [InlineData("0.000000000001", BudgetUnit.Usd, true)]
    [InlineData("0.0000000000001", BudgetUnit.Usd, false)]
    [InlineData("-0.0000001", BudgetUnit.Usd, false)]
    [InlineData("1000000000000", BudgetUnit.Usd, true)]
    [InlineData("1000000000000.01", BudgetUnit.Usd, false)]
    [InlineData("5", BudgetUnit.Tokens, true)]
    [InlineData("5.5", BudgetUnit.Tokens, false)]
    [InlineData("1000000000000000", BudgetUnit.Tokens, true)]
    [InlineData("1000000000000001", BudgetUnit.Calls, false)]
    [InlineData("0.5", BudgetUnit.Calls, false)]
    public void Limit_IsHeldToItsRange(string most, BudgetUnit unit, bool fits) =>
        Assert.Equal(fits ? null : "AEGIS2371", new BudgetLimit(1, BudgetScope.Run, "r", BudgetPeriod.Total,
            unit, decimal.Parse(most)).Check()?.Code);

    [Fact]
    public void Spent_SaysWhoseAndUntilWhen()
    {
        var limit = new BudgetLimit(1, BudgetScope.Tenant, "acme", BudgetPeriod.Month, BudgetUnit.Usd, 5);
        var error = BudgetErrors.Spent(limit, 0.5m, 0.25m, RoutingSamples.Noon);
        Assert.Equal("AEGIS2370: the budget of this month of tenant acme is used; expected at most 5 USD; "
            + "got the call may need 0.5 USD, 0.25 USD are left. wait until 2026-12-01 00:00 UTC, "
            + "ask for less, or raise the limit", error.ToString());
        Assert.StartsWith("AEGIS2370: the budget of run r is used", BudgetErrors.Spent(
            new(1, BudgetScope.Run, "r", BudgetPeriod.Total, BudgetUnit.Tokens, 5), 1, 0, RoutingSamples.Noon)
            .ToString());
    }

    internal static decimal Money(Random random, int dollars) =>
        random.NextInt64(0, dollars * 10_000_000_000L) / 10_000_000_000m;
}
