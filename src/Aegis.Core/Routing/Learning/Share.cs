namespace Aegis.Core.Routing.Learning;

/// <summary>Faded weights of what was good and what was bad: a Beta distribution without its prior.</summary>
public readonly record struct Share(double Good, double Bad)
{
    public double Weight => Good + Bad;

    public Share Faded(double factor) => new(Good * factor, Bad * factor);

    public Share With(double value, double weight) =>
        new(Good + (value * weight), Bad + ((1 - value) * weight));

    /// <summary>Begins with what a wider one knows, shrunk to a weight.</summary>
    public Share On(double priorMean, double priorWeight) =>
        new(Good + (priorMean * priorWeight), Bad + ((1 - priorMean) * priorWeight));

    public double Mean => Good / (Good + Bad);

    /// <summary>Of the Beta distribution with these weights.</summary>
    public double Deviation => Math.Sqrt(Mean * (1 - Mean) / (Weight + 1));
}
