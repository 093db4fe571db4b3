namespace Aegis.Bench.Models;

/// <summary>What a call to a model costs on its way: the choice among many, and the gateway over a provider
/// that answers at once.</summary>
internal static class ModelsBench
{
    public static async Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var figures = new SortedDictionary<string, object>();
        RouteLane.Measure(figures, quick);
        await GatewayLanes.MeasureAsync(figures, quick);
        return figures;
    }
}
