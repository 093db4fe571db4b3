using Aegis.Core.Policy.Guards;
using Aegis.Core.Policy;

namespace Aegis.Core.Tests.Policy;

public sealed class GuardTableTests
{
    [Fact]
    public void Load_EveryExample_Holds()
    {
        var d = CommandPolicy.Evaluate(["git status"], "git status -s");
        Assert.Equal(Decision.Allow, d.Decision);
    }
}
