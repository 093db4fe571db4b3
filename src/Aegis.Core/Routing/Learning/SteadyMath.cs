namespace Aegis.Core.Routing.Learning;

/// <summary>
/// Powers and logarithms of two out of sums and products alone. The system's own differ between machines in
/// the last bit, and a state that nodes make from the same facts must be the same on each of them.
/// </summary>
public static class SteadyMath
{
    private const double Ln2 = 0.693147180559945309;
    private const double SquareRootOf2 = 1.41421356237309505;
    private const int MantissaBits = 52;
    private const int Bias = 1023;

    // the powers from 0 to 1 in steps of a 64th
    private const int Steps = 64;
    private static readonly double[] Powers =
        [.. Enumerable.Range(0, Steps).Select(i => Series(i * Ln2 / Steps))];

    /// <summary>Two to a power, to about 1 in 10^13; below 2^-300 it is 0, above 2^300 it is 2^300.</summary>
    public static double Exp2(double power)
    {
        if (power < -300)
        {
            return 0;
        }
        var steps = Math.Floor(Math.Min(power, 300) * Steps);
        var x = (Math.Min(power, 300) - (steps / Steps)) * Ln2;
        // the series of e^x, which is short because x is less than 0.011
        var near = 1 + (x * (1 + (x * (0.5 + (x * ((1 / 6d) + (x * ((1 / 24d) + (x * (1 / 120d))))))))));
        var whole = (long)steps;
        return near * Powers[whole & (Steps - 1)]
            * BitConverter.Int64BitsToDouble(((whole >> 6) + Bias) << MantissaBits);
    }

    /// <summary>The logarithm of a normal number above 0, to about 1 in 10^12.</summary>
    public static double Log2(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (bits >> MantissaBits) - Bias;
        var mantissa = BitConverter.Int64BitsToDouble(
            (bits & ((1L << MantissaBits) - 1)) | ((long)Bias << MantissaBits));
        if (mantissa > SquareRootOf2)
        {
            mantissa /= 2;
            exponent++;
        }
        // the series of atanh; |t| is at most 0.172
        var t = (mantissa - 1) / (mantissa + 1);
        var s = t * t;
        var sum = 1 + (s * ((1 / 3d) + (s * ((1 / 5d) + (s * ((1 / 7d) + (s * ((1 / 9d) + (s * ((1 / 11d)
            + (s * (1 / 13d))))))))))));
        return exponent + (2 * t * sum / Ln2);
    }

    private static double Series(double x)
    {
        var (sum, term) = (1.0, 1.0);
        for (var i = 1; i <= 20; i++)
        {
            term *= x / i;
            sum += term;
        }
        return sum;
    }

    /// <summary>What is left of a weight of 1 after a time in which it halves every half-life; 1 for a time
    /// that is not over yet.</summary>
    public static double Fade(TimeSpan age, TimeSpan halfLife) =>
        age <= TimeSpan.Zero ? 1 : Exp2(-(double)age.Ticks / halfLife.Ticks);
}
