using System.Globalization;
using System.Text;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Tests.Routing.Simulation;

/// <summary>The month as docs/models-routing.md shows it.</summary>
internal static class RegretReport
{
    public const ulong Seed = 20261101;

    public const string Ours = "the router";
    public const string FixedPick = "fixed first-day pick";
    public const string InTurns = "round robin";

    /// <summary>The product's own policy first.</summary>
    public static List<MonthResult> Play(ulong seed)
    {
        var month = new SimulatedMonth(seed);
        return [.. Policies().Select(month.Play)];
    }

    public static string Table(IReadOnlyList<MonthResult> results)
    {
        var table = new StringBuilder("""
            | policy | regret | by day 8 | by day 15 | by day 20 | by day 25 | calls to the best model |
            |---|---|---|---|---|---|---|

            """);
        foreach (var result in results)
        {
            var days = result.Cumulated().ToArray();
            table.Append(CultureInfo.InvariantCulture,
                $"| {result.Policy} | {result.Total:0} "
                + $"| {days[7]:0} | {days[14]:0} | {days[19]:0} | {days[24]:0} "
                + $"| {result.Best * 100:0} % |\n");
        }
        return table.ToString();
    }

    private static IEnumerable<MonthPolicy> Policies() =>
    [
        new RouterPolicy(Ours),
        new RouterPolicy("the same, twice as bold (Thompson sampling by the book)",
            rules: new LearningRules { Boldness = 1 }),
        new RouterPolicy("the same by upper bounds", Exploration.Optimist,
            new LearningRules { Boldness = 1 }),
        new RouterPolicy("the same without exploring", Exploration.Mean),
        new RouterPolicy("the same without forgetting",
            rules: new LearningRules { QualityHalfLife = TimeSpan.FromDays(3_650) }),
        new FirstDayPick(),
        new RoundRobin(),
    ];
}
