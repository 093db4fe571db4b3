using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Calls;
using Aegis.Ledger.Audit;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>Calls that are no runs: one fact each in the stream of their session, through a death
/// too.</summary>
public sealed class CallDeskTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly JsonElement Input = JsonElement.Parse("""{"value":"x"}""");

    [Fact]
    public async Task Calls_AtOnce_AreOneFactEach_InAChainThatHolds()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var desk = new CallDesk(host.Node);
        var session = await desk.OpenAsync(host.Principal, Request("many"), None);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(
            async () => await desk.CallAsync(session, "flow.noop", Input, null, None))));
        Assert.All(outcomes, o => Assert.True(o.Result.Ok));
        Assert.Equal("SessionOpened:1 ToolReturned:200", await FactsAsync("many"));
        var report = await new LedgerAudit(ledger.Database, ledger.Home)
            .VerifyAsync(AuditScope.Everything, None);
        Assert.True(report.IsIntact);
    }

    [Fact]
    public async Task FactsThatNobodyWaitsFor_AreBounded_AndAllOfThemCommitted()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var session = await new CallDesk(host.Node).OpenAsync(host.Principal, Request("behind"), None);
        await using var other = await ledger.Super.OpenConnectionAsync();
        await using var held = await other.BeginTransactionAsync();
        await using (var hold = other.CreateCommand())
        {
            hold.CommandText = "LOCK TABLE events IN EXCLUSIVE MODE";
            await hold.ExecuteNonQueryAsync();
        }
        var (recorded, last) = (0, ValueTask.CompletedTask);
        while (last.IsCompleted)
        {
            last = session.RecordAsync(new ToolReturned("call", ++recorded, $"c.{recorded}", "flow.noop",
                "pure", true, null, null, 0, 1, null, null, false));
        }
        // one batch waits for its commit, the queue behind it is full, and one more has to wait
        Assert.InRange(recorded, CallSession.WaitingMax + 1,
            CallSession.WaitingMax + CallSession.BatchMax + 1);
        await held.RollbackAsync();
        await last;
        await session.FinishAsync();
        Assert.Equal($"SessionOpened:1 ToolReturned:{recorded}", await FactsAsync("behind"));
    }

    [Fact]
    public async Task NextLife_ClosesSessionsOfTheOneBefore_AndServesNewOnes()
    {
        var first = await EngineHost.StartAsync(ledger, new World());
        var desk = new CallDesk(first.Node);
        var session = await desk.OpenAsync(first.Principal, Request("killed"), None);
        await desk.CallAsync(session, "flow.noop", Input, null, None);
        await first.AbandonAsync();
        await using var second = await EngineHost.StartAsync(ledger, new World());
        Assert.Equal("SessionOpened:1 ToolReturned:1", await FactsAsync("killed"));
        Assert.Equal("true", await ledger.UntilAsync<string>(
            "SELECT closed::text FROM streams WHERE stream_id = $1 AND closed", $"calls/{session.Id}"));
        // what a killed node still holds cannot be added to
        await Assert.ThrowsAsync<AegisException>(
            async () => await desk.CallAsync(session, "flow.noop", Input, null, None));
        var again = new CallDesk(second.Node);
        var other = await again.OpenAsync(second.Principal, Request("after"), None);
        Assert.True((await again.CallAsync(other, "flow.noop", Input, null, None)).Result.Ok);
        await first.DisposeAsync();
    }

    [Theory]
    [InlineData("test.once", "AEGIS6206")]
    [InlineData("plan.extend", "AEGIS6206")]
    public async Task Tool_ThatNeedsARun_IsRefused_AndNothingIsDone(string tool, string code)
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        var desk = new CallDesk(host.Node);
        var session = await desk.OpenAsync(host.Principal, Request(tool), None);
        var refused = await Assert.ThrowsAsync<AegisException>(
            async () => await desk.CallAsync(session, tool, Input, null, None));
        Assert.Equal(code, refused.Error.Code);
        Assert.Empty(world.Acts);
        Assert.Equal("SessionOpened:1", await FactsAsync(tool));
    }

    [Fact]
    public async Task Call_TheGateRefuses_IsAFactToo()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var desk = new CallDesk(host.Node);
        var session = await desk.OpenAsync(host.Principal, Request("refused"), None);
        Assert.True((await desk.CallAsync(session, "no.such", Input, null, None)).Denied);
        Assert.Equal("SessionOpened:1 ToolDenied:1", await FactsAsync("refused"));
    }

    private static SessionRequest Request(string role) => new("test", role, null, null);

    private Task<string> FactsAsync(string role) => ledger.UntilAsync<string>("""
        SELECT string_agg(type || ':' || n, ' ' ORDER BY type) FROM (
          SELECT e.type, count(*)::text AS n FROM events e WHERE e.stream_key IN (
            SELECT s.stream_key FROM events s WHERE s.type = 'SessionOpened'
              AND convert_from(s.payload, 'UTF8')::jsonb ->> 'role' = $1)
          GROUP BY e.type) counted
        """, role);
}
