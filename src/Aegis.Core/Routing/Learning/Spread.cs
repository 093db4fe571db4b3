namespace Aegis.Core.Routing.Learning;

/// <summary>A log-normal estimate from faded weights: the mean and the spread of the logarithms (base
/// 2).</summary>
public readonly record struct Spread(double Weight, double Sum, double Squares)
{
    public Spread Faded(double factor) => new(Weight * factor, Sum * factor, Squares * factor);

    public Spread With(double value, double weight)
    {
        var log = SteadyMath.Log2(Math.Max(value, 1e-6));
        return new(Weight + weight, Sum + (log * weight), Squares + (log * log * weight));
    }

    public Spread On(Spread wider, double weight) => wider.Weight <= 0 ? this
        : new(Weight + weight, Sum + (wider.Sum / wider.Weight * weight),
            Squares + (wider.Squares / wider.Weight * weight));

    /// <summary>The mean of the logarithms; NaN where nothing is known.</summary>
    public double Log => Sum / Weight;

    /// <summary>The value below which about half of them lie; with deviations, more of them: 1.645 is the
    /// 95th of a hundred.</summary>
    public double Quantile(double deviations = 0) => SteadyMath.Exp2(Log + (deviations
        * Math.Sqrt(Math.Max(0, (Squares / Weight) - (Log * Log)))));
}
