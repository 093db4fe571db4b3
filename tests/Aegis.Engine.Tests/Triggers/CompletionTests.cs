using Aegis.Core;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Triggers;

public sealed class CompletionTests : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();

    public Task InitializeAsync() => ledger.InitializeAsync();

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task EndOfARun_StartsWhatWaitsForThatEnd()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var build = await host.RegisterAsync("build", "- webhook");
        await host.RegisterAsync("deploy", "- workflow_completed: { workflow: build, status: success }");
        await host.RegisterAsync("alarm", "- workflow_completed: { workflow: build, status: failure }");
        await host.RegisterAsync("report", "- workflow_completed: { workflow: build }");
        await host.RegisterAsync("other", "- workflow_completed: { workflow: bild }");
        await host.RegisterAsync("off", "- workflow_completed: { workflow: build }");
        await host.Workflows.EnableAsync(host.Keys, "off", false, CancellationToken.None);
        host.Start();
        var start = TriggerHost.StartOf(build, "github:d1");
        await host.AcceptAsync("d1", start);
        host.Signals.Starts.Wake();

        await host.UntilAsync(
            "SELECT count(*) = 3 AND bool_and(status = 'started') FROM trigger_starts");
        Assert.Equal("build deploy report", await ledger.ScalarAsync<string>(
            "SELECT string_agg(workflow, ' ' ORDER BY workflow) FROM trigger_starts"));
        Assert.Equal($"{start.RunId} build succeeded 1", await ledger.ScalarAsync<string>("""
            SELECT (c->'run'->>'run_id') || ' ' || (c->'run'->>'workflow') || ' ' || (c->'run'->>'status')
              || ' ' || (c->>'depth') FROM (SELECT context::jsonb AS c FROM trigger_starts WHERE workflow =
                  'deploy') x
            """));
    }

    [Fact]
    public async Task WorkflowsThatStartEachOther_EndAfterEightWithARefusalOnRecord()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var ping = await host.RegisterAsync("ping", "- webhook\n- workflow_completed: { workflow: pong }");
        await host.RegisterAsync("pong", "- workflow_completed: { workflow: ping }");
        host.Start();
        await host.AcceptAsync("d1", TriggerHost.StartOf(ping, "github:d1"));
        host.Signals.Starts.Wake();

        await host.UntilAsync("SELECT EXISTS (SELECT FROM trigger_starts WHERE status = 'refused')");
        Assert.Equal("9 8 AEGIS5043 pong", await ledger.ScalarAsync<string>("""
            SELECT count(*) FILTER (WHERE status = 'started') || ' '
                || max(depth) FILTER (WHERE status = 'started')
              || ' ' || max(substr(error, 1, 9)) || ' ' || max(workflow) FILTER (WHERE status = 'refused')
              FROM trigger_starts
            """));
        Assert.Equal(9, await host.RunsAsync());
    }

    [Fact]
    public async Task RunOfAPlanThatNothingRegistered_StartsNothing()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        await host.RegisterAsync("report", "- workflow_completed: { workflow: test }");
        host.Start();
        var run = await host.Engine.StartAsync("  - { id: a, uses: flow.noop }\n");
        await host.Engine.EndAsync(run);
        await host.UntilAsync("""
            SELECT NOT EXISTS (SELECT FROM events e,
                feed_cursors c WHERE (e.xid, e.position) > (c.xid, c.position)
              AND e.type = 'PlanCompleted')
            """);
        Assert.Equal(0, await ledger.ScalarAsync<long>("SELECT count(*) FROM trigger_starts"));
    }
}
