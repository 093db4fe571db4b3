using System.Diagnostics;
using Xunit.Abstractions;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class SpeedTests(SandboxFixture sandbox, ITestOutputHelper output)
{
    private const int Rounds = 20;

    /// <summary>Prints what all walls cost beside a bare <c>true</c> and a bare bubblewrap, taken in turns: on a
    /// busy machine only the ratios count, so only a ratio is asserted, and widely.</summary>
    [Fact]
    public async Task True_BehindAllWalls_CostsAFewStartsOfAProcess()
    {
        var (bare, bubble, walls, apart) =
            (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        // a runner that looks for no control groups; no wall is called "none"
        var ungrouped = await sandbox.WithoutAsync("none");
        for (var i = 0; i < Rounds; i++)
        {
            bare.Add(await TimeAsync(() => sandbox.OnHostAsync("true")));
            bubble.Add(await TimeAsync(() => sandbox.OnHostAsync("bwrap", "--unshare-all", "--ro-bind", "/", "/",
                "--proc", "/proc", "--dev", "/dev", "true")));
            walls.Add(await TimeAsync(() => sandbox.RunAsync("true")));
            apart.Add(await TimeAsync(() => SandboxFixture.RunAsync(ungrouped, SandboxFixture.Spec("true"))));
        }
        output.WriteLine($"true {Median(bare):0.0} ms, bubblewrap alone {Median(bubble):0.0} ms, "
            + $"behind all walls {Median(walls):0.0} ms (best {walls.Min():0.0} ms), "
            + $"without control groups {Median(apart):0.0} ms (best {apart.Min():0.0} ms)");
        output.WriteLine(string.Join('\n', sandbox.Runner.Walls));
        Assert.True(Median(walls) < 100 * Math.Max(Median(bare), 1), $"{Median(walls)} ms");
    }

    private static async Task<double> TimeAsync(Func<Task<Ran>> act)
    {
        var began = Stopwatch.GetTimestamp();
        Assert.Equal(0, (await act()).Exit);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
