using Aegis.Core.Routing;
using Aegis.Core.Routing.Learning;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Routing;

public sealed class RouteDiceTests(ITestOutputHelper output)
{
    [Fact]
    public void Next_IsSplitMix64()
    {
        // the published vector
        var dice = new RouteDice(1_234_567);
        Assert.Equal([6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431],
            new[] { dice.Next(), dice.Next(), dice.Next(), dice.Next() });
    }

    [Fact]
    public void Normal_HasTheMomentsOfItsName()
    {
        var seed = Seeded.Seed(output);
        var dice = new RouteDice((ulong)seed);
        var draws = Enumerable.Range(0, 200_000).Select(_ => dice.Normal()).ToArray();
        Assert.InRange(draws.Average(), -0.02, 0.02);
        Assert.InRange(draws.Average(d => d * d), 0.97, 1.03);
        Assert.InRange(draws.Average(d => d * d * d), -0.05, 0.05);
        Assert.InRange(draws.Average(d => d * d * d * d), 2.85, 3.1);
        // 15.87 of a hundred lie above one deviation, 2.28 above two
        Assert.InRange(draws.Count(d => d > 1) / 2_000d, 15.3, 16.4);
        Assert.InRange(draws.Count(d => d > 2) / 2_000d, 2.0, 2.6);
    }

    [Fact]
    public void SteadyMath_IsCloseToTheSystems()
    {
        var random = Seeded.Random(output);
        for (var i = 0; i < 100_000; i++)
        {
            var power = (random.NextDouble() * 600) - 300;
            var exact = Math.Pow(2, power);
            Assert.InRange(SteadyMath.Exp2(power) / exact, 1 - 1e-12, 1 + 1e-12);
            Assert.InRange(SteadyMath.Log2(exact) - power, -1e-11, 1e-11);
        }
        Assert.Equal(1, SteadyMath.Exp2(0));
        Assert.Equal(0.125, SteadyMath.Exp2(-3));
        Assert.Equal(0, SteadyMath.Exp2(-10_000));
        Assert.Equal(10, SteadyMath.Log2(1_024));
        Assert.Equal(0.5, SteadyMath.Fade(TimeSpan.FromDays(3), TimeSpan.FromDays(3)));
        Assert.Equal(1, SteadyMath.Fade(TimeSpan.FromDays(-3), TimeSpan.FromDays(3)));
    }
}
