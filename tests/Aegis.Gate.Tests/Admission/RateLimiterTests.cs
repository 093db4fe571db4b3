using Aegis.Gate.Policies;

namespace Aegis.Gate.Tests.Admission;

public sealed class RateLimiterTests
{
    private readonly StandingClock clock = new();
    private readonly RateLimiter rates;

    public RateLimiterTests() => rates = new RateLimiter(clock);

    [Fact]
    public void Take_AMinutesCallsAtOnce_ThenEvenly()
    {
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(TimeSpan.Zero, Take(new RateClaim("a", "x", 60)));
        }
        Assert.Equal(TimeSpan.FromSeconds(1), Take(new RateClaim("a", "x", 60)));
        Assert.Equal(TimeSpan.Zero, Take(new RateClaim("b", "x", 60)));
        Assert.Equal(TimeSpan.Zero, Take(new RateClaim("a", "y", 60)));
        clock.Move(TimeSpan.FromMilliseconds(1_500));
        Assert.Equal(TimeSpan.Zero, Take(new RateClaim("a", "x", 60)));
        Assert.Equal(TimeSpan.FromMilliseconds(500), Take(new RateClaim("a", "x", 60)));
    }

    [Fact]
    public void Take_OfSeveral_TakesFromAllOrNone()
    {
        RateClaim tenant = new("tenant", "tools", 1), tool = new("project", "git", 5);
        Assert.Equal(TimeSpan.Zero, Take(tenant, tool));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(TimeSpan.FromMinutes(1), rates.Take([tenant, tool], true, out var lacking));
            Assert.Equal(tenant, lacking);
        }
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(TimeSpan.Zero, Take(tool));
        }
        Assert.NotEqual(TimeSpan.Zero, Take(tool));
    }

    [Fact]
    public void Take_BucketsMax_BoundsTheMemory_AndFullOnesAreForgotten()
    {
        for (var i = 0; i < RateLimiter.BucketsMax; i++)
        {
            Assert.Equal(TimeSpan.Zero, Take(new RateClaim("a", $"{i}", 60)));
        }
        Assert.Equal(TimeSpan.FromSeconds(1), Take(new RateClaim("a", "one more", 60)));
        Assert.Equal(RateLimiter.BucketsMax, rates.Count);
        clock.Move(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, Take(new RateClaim("a", "one more", 60)));
        Assert.Equal(1, rates.Count);
    }

    private TimeSpan Take(params RateClaim[] claims) => rates.Take(claims, true, out _);
}
