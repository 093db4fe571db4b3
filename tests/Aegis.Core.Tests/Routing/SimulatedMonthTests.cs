using Aegis.Core.Tests.Routing.Simulation;
using Aegis.Tests.Shared;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Routing;

/// <summary>The router against others over a month whose models change: see docs/models-routing.md.</summary>
public sealed class SimulatedMonthTests(ITestOutputHelper output)
{
    private const string Page = "docs/models-routing.md";

    [Theory]
    [InlineData(RegretReport.Seed)]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    [InlineData(5UL)]
    public void Router_OverAMonth_RegretsFarLessThanTheOthers(ulong seed)
    {
        var results = RegretReport.Play(seed);
        output.WriteLine($"seed {seed}\n{RegretReport.Table(results)}");
        var router = results[0].Total;
        Assert.True(router > 0, "nobody knows the best model from the beginning");
        Assert.True(router <= Of(results, RegretReport.InTurns) / 6, $"{router} to round robin");
        Assert.True(router <= Of(results, RegretReport.FixedPick) / 4, $"{router} to a fixed pick");
    }

    [Fact]
    public void Month_SameSeed_IsTheSameMonth() =>
        Assert.Equal(RegretReport.Table(RegretReport.Play(7)), RegretReport.Table(RegretReport.Play(7)));

    [Fact]
    [Trait("Category", "Generated")]
    public void PageAndPicture_AreWhatTheMonthSays()
    {
        var results = RegretReport.Play(RegretReport.Seed);
        GeneratedFile.Hold(Page, "<!-- the month: begin -->\n", "<!-- the month: end -->\n",
            RegretReport.Table(results));
        GeneratedFile.Hold("docs/models-routing.svg", RegretPlot.Svg([results[0], .. results.TakeLast(2)],
            "Regret over a month: six models, 20,000 calls"));
    }

    private static double Of(List<MonthResult> results, string policy) =>
        results.Single(r => r.Policy == policy).Total;
}
