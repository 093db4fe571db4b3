using Aegis.Core.Deployments;

namespace Aegis.Core.Tests.Deployments;

public sealed class CrashCountTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(DeploymentLimits.CrashesMax - 1, false)]
    [InlineData(DeploymentLimits.CrashesMax, true)]
    public void Deaths_MakeALoop_AtTheLimit(int deaths, bool loop) =>
        Assert.Equal(loop, After(deaths, TimeSpan.FromSeconds(1)).IsLoop);

    [Fact]
    public void Deaths_OutsideOfTheWindow_DoNotCount()
    {
        Assert.False(After(20, DeploymentLimits.CrashWindow).IsLoop);
        Assert.True(After(20, DeploymentLimits.CrashWindow / 3).IsLoop);
    }

    private static CrashCount After(int deaths, TimeSpan apart) => Enumerable.Range(0, deaths)
        .Aggregate(CrashCount.None, (count, n) => count.Add(Start + (n * apart)));
}
