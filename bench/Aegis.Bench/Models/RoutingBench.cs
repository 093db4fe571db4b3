using Aegis.Core.Tests.Routing.Simulation;

namespace Aegis.Bench.Models;

/// <summary>The simulated month of docs/models-routing.md: the page's seed as a table, and the mean regret
/// over further seeds.</summary>
internal static class RoutingBench
{
    public static Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var page = RegretReport.Play(RegretReport.Seed);
        Console.WriteLine($"seed {RegretReport.Seed}\n\n{RegretReport.Table(page)}");
        List<List<MonthResult>> months =
            [page, .. Enumerable.Range(1, quick ? 2 : 9).Select(seed => RegretReport.Play((ulong)seed))];
        var ours = months.Average(m => Of(m, RegretReport.Ours));
        var fixedPick = months.Average(m => Of(m, RegretReport.FixedPick));
        var inTurns = months.Average(m => Of(m, RegretReport.InTurns));
        return Task.FromResult(new SortedDictionary<string, object>
        {
            ["seeds"] = months.Count,
            ["regret_router"] = ours,
            ["regret_fixed_pick"] = fixedPick,
            ["regret_round_robin"] = inTurns,
            ["fixed_pick_by_router"] = fixedPick / ours,
            ["round_robin_by_router"] = inTurns / ours,
            ["fixed_pick_by_router_worst"] =
                months.Min(m => Of(m, RegretReport.FixedPick) / Of(m, RegretReport.Ours)),
        });
    }

    private static double Of(List<MonthResult> month, string policy) =>
        month.Single(r => r.Policy == policy).Total;
}
