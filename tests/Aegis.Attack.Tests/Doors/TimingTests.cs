using System.Diagnostics;
using Aegis.Attack.Tests.Support;
using Xunit.Abstractions;

namespace Aegis.Attack.Tests.Doors;

/// <summary>A door must not take longer over a foreign id than over one that never was. What decides here is
/// how many statements it asks of PostgreSQL; the times, taken in turns, are reported.</summary>
[Collection(WorldGroup.Name)]
public sealed class TimingTests(WorldFixture world, ITestOutputHelper output)
{
    private const int Samples = 25;

    [Fact]
    public async Task ForeignIds_CostAsManyStatementsAsIdsThatNeverWere()
    {
        using var counter = new StatementCounter();
        var doors = (await Door.AllAsync(world.Server)).Where(d => !d.IsOpen && d.Method == "GET"
            && d.Parameters.Any(p => p is not ("project" or "step" or "tool"))).ToList();
        var suspects = 0;
        var any = 0;
        foreach (var door in doors)
        {
            var (foreign, never) = Paths(door);
            var times = (Foreign: new List<double>(), Never: new List<double>());
            for (var i = 0; i < Samples; i++)
            {
                var one = await AskAsync(counter, door, foreign, times.Foreign);
                var other = await AskAsync(counter, door, never, times.Never);
                // the first of them may open a connection or look the key up again
                Assert.True(i == 0 || Math.Abs(one - other) <= 1, $"{door}: {one} statements, or {other}");
                any += one;
            }
            var p = RankTest.Probability(times.Foreign, times.Never);
            suspects += p < 1e-4 ? 1 : 0;
            output.WriteLine($"{door}: {RankTest.Median(times.Foreign):0.00} ms foreign, "
                + $"{RankTest.Median(times.Never):0.00} ms never, p = {p:0.000}");
        }
        output.WriteLine($"{doors.Count} doors, {suspects} with times that differ (p < 0.0001)");
        Assert.True(doors.Count >= 12, $"{doors.Count} doors");
        Assert.True(any > 0, "no statement was counted at all");
    }

    private (string Foreign, string Never) Paths(Door door)
    {
        var ids = door.Parameters.ToDictionary(p => p,
            p => p == "project" ? world.Attacker.Project : world.Stranger.Ids[p]);
        return (door.Filled(ids), door.Filled(ids.ToDictionary(i => i.Key,
            i => i.Key is "project" or "step" or "number" ? i.Value
                : DoorAttackTests.Changed(i.Key, i.Value))));
    }

    private async Task<int> AskAsync(StatementCounter counter, Door door, string path, List<double> times)
    {
        var (trace, header) = StatementCounter.NewTrace();
        var query = door.Path.EndsWith("/info/refs", StringComparison.Ordinal) ? "?service=git-upload-pack"
            : "";
        var began = Stopwatch.GetTimestamp();
        await world.Server.SendAsync(door.Method, path + query, world.Attacker.Key, null, null, header);
        times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        return counter.Of(trace);
    }
}
