using System.Globalization;
using Aegis.Core;
using Aegis.Engine.Calls;
using Aegis.Gate;
using Aegis.Server.Gateway;

namespace Aegis.Server.Tests.Gateway;

public sealed class GatewaySessionsTests(HostileRoom room) : IClassFixture<HostileRoom>
{
    [Fact]
    public async Task Open_AtTheirBoundAllStay_AndOnePastEndsTheLongestSilent()
    {
        var sessions = new GatewaySessions(room.Server.Server.Parts);
        var first = await OfAsync(0);
        var second = await OfAsync(1);
        for (var n = 2; n < GatewaySessions.OpenMax; n++)
        {
            await OfAsync(n);
        }
        Assert.Same(first, await OfAsync(0));
        // now the second is the longest silent
        var third = await OfAsync(2);
        await OfAsync(GatewaySessions.OpenMax);
        Assert.Same(first, await OfAsync(0));
        Assert.Same(third, await OfAsync(2));
        Assert.NotSame(second, await OfAsync(1));

        ValueTask<CallSession> OfAsync(int number) => sessions.OfAsync(new Principal(
            string.Create(CultureInfo.InvariantCulture, $"key:{number}"), new Tenancy("acme", "web"),
            ["tools:llm"]), CancellationToken.None);
    }
}
