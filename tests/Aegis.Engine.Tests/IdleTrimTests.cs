using Aegis.Engine.Node;

namespace Aegis.Engine.Tests;

public sealed class IdleTrimTests
{
    private const long Mebibyte = 1024 * 1024;

    [Fact]
    public void Beat_AfterABurst_ActsOnceAtTheFirstQuietBeat()
    {
        var trim = new IdleTrim();
        Assert.False(trim.Beat(20 * Mebibyte));
        Assert.False(trim.Beat(40 * Mebibyte));
        Assert.True(trim.Beat((41 * Mebibyte) - 1));
        Assert.False(trim.Beat((41 * Mebibyte) - 1));
        Assert.False(trim.Beat(49 * Mebibyte));
        Assert.True(trim.Beat(49 * Mebibyte));
    }

    [Fact]
    public void Beat_WhenLittleWasAllocated_LeavesItAlone()
    {
        var trim = new IdleTrim();
        Assert.False(trim.Beat((8 * Mebibyte) - 1));
        Assert.False(trim.Beat((8 * Mebibyte) - 1));
        Assert.True(trim.Beat(8 * Mebibyte));
    }
}
