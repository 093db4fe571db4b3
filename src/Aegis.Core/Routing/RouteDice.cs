using System.Numerics;

namespace Aegis.Core.Routing;

/// <summary>Chance from a seed (SplitMix64), the same on every machine.</summary>
public struct RouteDice(ulong seed)
{
    private const double TwoTo32 = 4_294_967_296;

    // the standard deviation of 64 coins (variance 16) and a triangle (variance 1/6)
    private static readonly double CoinsDeviation = Math.Sqrt(16 + (1 / 6d));

    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>From 0 up to but not including 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>About normal, mean 0 and deviation 1: the sum of 64 coins, whose steps a triangle smooths. No
    /// logarithm, whose last bit differs between machines.</summary>
    public double Normal()
    {
        var coins = BitOperations.PopCount(Next());
        var two = Next();
        var triangle = ((two >> 32) - (double)(uint)two) / TwoTo32;
        return (coins - 32 + triangle) / CoinsDeviation;
    }
}
