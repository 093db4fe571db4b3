namespace Aegis.Bench.Models;

/// <summary>What a call to a model costs on its way: the choice among many.</summary>
internal static class ModelsBench
{
    public static Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var figures = new SortedDictionary<string, object>();
        RouteLane.Measure(figures, quick);
        return Task.FromResult(figures);
    }
}
