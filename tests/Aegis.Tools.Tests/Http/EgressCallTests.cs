using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Gate;
using Aegis.Tests.Shared;
using Aegis.Tools.Tests.Quality.Support;

namespace Aegis.Tools.Tests.Http;

/// <summary>shell.exec through the real gate: the run's egress_allow is the sandbox's way out, and what was
/// asked of it stands in the outcome of the call.</summary>
public sealed class EgressCallTests
{
    [Fact]
    public async Task Command_OfARunWithEgress_ReachesThatHostAndIsRecorded()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("hello"));
        await using var other = new LoopbackServer(_ => LoopbackServer.Ok("never"));
        var outcome = await CallAsync([server.Entry, other.Entry], [server.Entry],
            $"curl -s --noproxy '' {server.Url()} {server.Url("/again")}; "
                + $"curl -s --noproxy '' {other.Url()}");
        Assert.StartsWith("hellohello{\"code\":\"AEGIS2161\"", outcome.Result.Text, StringComparison.Ordinal);
        Assert.Equal(
            [
                new EgressFact("127.0.0.1", server.Port, "GET", server.Entry, null, 2, 0, 0),
                new EgressFact("127.0.0.1", other.Port, "GET", null, "AEGIS2161", 1, 0, 0),
            ],
            outcome.Egress!.Value.Select(fact => fact with { BytesOut = 0, BytesIn = 0 })
                .OrderBy(fact => fact.Denied is not null));
        Assert.Empty(other.Asked);
    }

    [Fact]
    public async Task Command_ToAPrivateHostThatTheOperatorDidNotName_IsDenied()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("hello"));
        var outcome = await CallAsync([], [server.Entry], $"curl -s --noproxy '' {server.Url()}");
        Assert.Equal("AEGIS2162", Assert.Single(outcome.Egress!.Value).Denied);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task Command_OfARunWithoutEgress_HasNoProxy()
    {
        var outcome = await CallAsync([], [],
            "echo \"[$http_proxy]\"; curl -sx http://127.0.0.1:3128 http://a.b/ || echo none");
        Assert.Equal("[]\nnone", outcome.Result.Text!.Trim());
        Assert.Null(outcome.Egress);
    }

    private static async Task<CallOutcome> CallAsync(string[] privateHosts, string[] allow, string command)
    {
        var gate = new ReviewGate { EgressPrivateHosts = [.. privateHosts] };
        await gate.InitializeAsync();
        try
        {
            var context = await gate.OpenAsync("run_egress");
            context = context with { Policy = new PlanPolicy(["curl", "echo"], [.. allow], null, null) };
            var outcome = await gate.CallAsync(context, "shell.exec", new { cmd = command });
            await gate.CloseAsync(context);
            return outcome;
        }
        finally
        {
            await gate.DisposeAsync();
        }
    }
}
