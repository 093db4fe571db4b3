using Aegis.Core.Deployments;
using Aegis.Engine.Deployments;

namespace Aegis.Engine.Tests.Deployments;

public sealed class DeploymentLogTests : IDisposable
{
    private const int LineCharsMax = 4_096;
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-log-").FullName;

    [Theory]
    [InlineData(LineCharsMax)]
    [InlineData(LineCharsMax + 1)]
    public void Line_IsKeptUpToTheLimit(int chars)
    {
        var log = Log();
        log.Add("web", new string('x', chars));
        Assert.EndsWith($" web {new string('x', LineCharsMax)}\n", log.Tail(DeploymentLog.ReadBytesMax),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Files_HoldAtMostTheLimit_AndTheNewestLines()
    {
        var (log, line) = (Log(), new string('x', LineCharsMax));
        var lines = (int)(DeploymentLimits.LogBytesMax / LineCharsMax) + 1;
        var lengths = new List<long>();
        for (var i = 0; i < lines; i++)
        {
            log.Add("web", line);
            lengths.Add(Directory.GetFiles(folder).Sum(f => new FileInfo(f).Length));
        }
        // just below the limit before it begins to let go of the oldest
        Assert.InRange(lengths.Max(), DeploymentLimits.LogBytesMax - (3 * LineCharsMax),
            DeploymentLimits.LogBytesMax);
        log.Add("web", "last");
        Assert.EndsWith(" web last\n", log.Tail(1_000), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    public void Tail_HasWholeLines_UpToTheBytesAsked(int less, int lines)
    {
        var (log, one) = Lines(10);
        var tail = log.Tail((3 * one) - less);
        Assert.Equal(lines * one, tail.Length);
        Assert.EndsWith(" web a\n", tail, StringComparison.Ordinal);
    }

    [Fact]
    public void Tail_OfMoreThanOneRead_BeginsWithALine()
    {
        var (log, one) = Lines(20_000);
        var tail = log.Tail(int.MaxValue);
        Assert.Equal(DeploymentLog.ReadBytesMax / one, tail.Length / one);
        Assert.Equal(0, tail.Length % one);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>So many lines alike, and the bytes of one.</summary>
    private (DeploymentLog Log, int Bytes) Lines(int count)
    {
        var log = Log();
        log.Add("web", "a");
        var line = log.Tail(1_000);
        File.AppendAllText(Path.Combine(folder, "log"), string.Concat(Enumerable.Repeat(line, count - 1)));
        return (log, line.Length);
    }

    private DeploymentLog Log() => new(folder, TimeProvider.System);
}
