namespace Aegis.Attack.Tests.Doors;

/// <summary>Mann and Whitney's test of two samples: how unlikely their ranks are if both are alike.</summary>
internal static class RankTest
{
    /// <summary>The two-sided probability, by the normal approximation.</summary>
    public static double Probability(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        var greater = first.Sum(a => second.Sum(b => a > b ? 1.0 : a == b ? 0.5 : 0));
        var (n, m) = (first.Count, second.Count);
        var deviation = Math.Sqrt(n * (double)m * (n + m + 1) / 12);
        return 2 * Tail(Math.Abs(greater - (n * (double)m / 2)) / deviation);
    }

    public static double Median(IReadOnlyList<double> sample) => sample.Order().ElementAt(sample.Count / 2);

    // Abramowitz and Stegun, 7.1.26
    private static double Tail(double z)
    {
        var t = 1 / (1 + (0.3275911 * z / Math.Sqrt(2)));
        var poly = t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027
            + (t * 1.061405429))))))));
        return poly * Math.Exp(-z * z / 2) / 2;
    }
}
