using System.Diagnostics;
using Xunit.Abstractions;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class SpeedTests(SandboxFixture sandbox, ITestOutputHelper output)
{
    /// <summary>Prints what all walls cost; the bound is wide, as machines differ.</summary>
    [Fact]
    public async Task True_BehindAllWalls_StartsAndEndsQuickly()
    {
        var took = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var ran = await sandbox.RunAsync("true");
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Assert.Equal(0, ran.Exit);
        }
        took.Sort();
        output.WriteLine($"true behind all walls: median {took[10]:0.0} ms, best {took[0]:0.0} ms");
        output.WriteLine(string.Join('\n', sandbox.Runner.Walls));
        Assert.True(took[10] < 250, $"median {took[10]} ms");
    }
}
