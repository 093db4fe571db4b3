using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Triggers;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Triggers;

public sealed class StartTests : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();

    public Task InitializeAsync() => ledger.InitializeAsync();

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task Accepted_StartsTheRunOnTheRegistrarsAuthority()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var start = TriggerHost.StartOf(await host.RegisterAsync("ci", "- webhook"), "github:d1");
        host.Start();
        Assert.Equal(HookOutcome.Accepted, await host.AcceptAsync("d1", start));
        host.Signals.Starts.Wake();

        Assert.Equal("PlanCompleted", await UntilEndedAsync(host, start.RunId));
        Assert.Equal("key:test tools:* test", await ledger.ScalarAsync<string>("""
            SELECT (convert_from(payload, 'UTF8')::jsonb->>'actor') || ' '
              || (convert_from(payload, 'UTF8')::jsonb->'scopes'->>0) || ' '
              || (convert_from(payload, 'UTF8')::jsonb->'context'->>'event')
              FROM events WHERE type = 'RunStarted'
            """));
    }

    [Fact]
    public async Task Inputs_OfATrigger_AreMadeOfTheContextWhenTheRunStarts()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var workflow = await host.RegisterAsync("ci", "- webhook: { inputs: { n: 3, "
            + "who: \"${{ context.event }}\", bad: \"${{ context.nobody }}\" } }",
            header: "inputs: { n: { type: number }, who: { required: true }, bad: { type: json } }\n");
        var start = TriggerHost.StartOf(workflow, "github:d1") with
        {
            Inputs = workflow.Triggers[0].Inputs?.GetRawText(),
        };
        host.Start();
        await host.AcceptAsync("d1", start);
        host.Signals.Starts.Wake();
        Assert.Equal("PlanCompleted", await UntilEndedAsync(host, start.RunId));
        Assert.Equal("""{"n":3,"who":"test","bad":null}""", await ledger.ScalarAsync<string>("""
            SELECT (convert_from(payload, 'UTF8')::json->'inputs')::text FROM events WHERE type = 'RunStarted'
            """));
    }

    [Fact]
    public async Task DeliveryThatComesAgain_StartsNothing()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var workflow = await host.RegisterAsync("ci", "- webhook");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => host.AcceptAsync("d1", TriggerHost.StartOf(workflow, "github:d1"))));
        Assert.Equal((1, 7), (outcomes.Count(o => o == HookOutcome.Accepted),
            outcomes.Count(o => o == HookOutcome.Duplicate)));
        host.Start();
        await host.UntilAsync("SELECT bool_and(status = 'started') FROM trigger_starts");
        Assert.Equal(1, await host.RunsAsync());
    }

    [Fact]
    public async Task KillBetweenTheRunAndItsMark_LeavesOneRun()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var workflow = await host.RegisterAsync("ci", "- webhook");
        var start = TriggerHost.StartOf(workflow, "github:d1");
        await host.AcceptAsync("d1", start);
        // what a killed server did: the run is there, the row still says pending
        var run = await host.Engine.Runs.StartAsync(host.Engine.Principal, new PlanId(workflow.PlanId),
            new RunRequest(null, null, null, null, new RunId(start.RunId)), CancellationToken.None);
        await host.Engine.EndAsync(run);

        host.Start();
        await host.UntilAsync("SELECT status = 'started' FROM trigger_starts");
        Assert.Equal((1, true), (await host.RunsAsync(), await ledger.ScalarAsync<bool>(
            "SELECT error IS NULL FROM trigger_starts")));
    }

    [Fact]
    public async Task ChosenId_ThatIsTaken_IsRefusedWithoutHarmToTheNode()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var workflow = await host.RegisterAsync("ci", "- webhook", "test.idem");
        var id = new RunId("run_00000000000000000000000001");
        var request = new RunRequest(null, null, null, null, id);
        var tries = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                await host.Engine.Runs.StartAsync(host.Engine.Principal, new PlanId(workflow.PlanId), request,
                    CancellationToken.None);
                return "started";
            }
            catch (AegisException e)
            {
                return e.Error.Code;
            }
        }));
        Assert.Equal("started", tries.Single(t => t != "AEGIS5040"));
        Assert.False(host.Engine.Node.Lost.IsCompleted);
        Assert.Equal(1, await host.RunsAsync());
    }

    [Fact]
    public async Task Start_ThatCannotBe_IsRefusedOnRecord()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var workflow = await host.RegisterAsync("ci", "- webhook");
        var gone = TriggerHost.StartOf(workflow with { PlanId = "plan_gone" }, "github:d1");
        await host.AcceptAsync("d1", gone);
        host.Start();
        await host.UntilAsync("SELECT status = 'refused' FROM trigger_starts");
        var listed = await host.Workflows.StartsAsync(host.Keys, "ci", 10, CancellationToken.None);
        Assert.StartsWith("AEGIS5020", listed.Single().Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(999, HookOutcome.Accepted)]
    [InlineData(1000, HookOutcome.Full)]
    public async Task Pending_AreTakenUpToAThousandAProject(int waiting, HookOutcome outcome)
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var workflow = await host.RegisterAsync("ci", "- webhook");
        await ledger.ExecuteAsync("""
            INSERT INTO trigger_starts (tenant_key, project_key, run_id, workflow, cause, plan_id, actor,
                scopes, context)
            SELECT $1, $2, 'r' || n, 'ci', 'c' || n, 'p', 'a', '{}', '{}' FROM generate_series(1, $3) n
            """, host.Keys.Tenant, host.Keys.Project, waiting);
        Assert.Equal(outcome, await host.AcceptAsync("d1", TriggerHost.StartOf(workflow, "github:d1")));
        // a delivery that found no room may come again
        Assert.Equal(outcome == HookOutcome.Full ? 0 : 1, await ledger.ScalarAsync<long>(
            "SELECT count(*) FROM hook_deliveries"));
    }

    [Fact]
    public async Task Retention_RemovesWhatHasEndedAndIsOld()
    {
        await using var host = await TriggerHost.OpenAsync(ledger);
        var workflow = await host.RegisterAsync("ci", "- webhook");
        await host.AcceptAsync("old", TriggerHost.StartOf(workflow, "old"),
            TriggerHost.StartOf(workflow, "open"));
        await host.AcceptAsync("new", TriggerHost.StartOf(workflow, "new"));
        await ledger.ExecuteAsync(
            "UPDATE hook_deliveries SET at = now() - interval '31 days' WHERE delivery = 'old'");
        await ledger.ExecuteAsync(
            "UPDATE trigger_starts SET created_at = now() - interval '91 days' WHERE cause <> 'new'");
        await ledger.ExecuteAsync("UPDATE trigger_starts SET status = 'started' WHERE cause <> 'open'");
        Assert.Equal(2, await new TriggerRetention(ledger.Database).PruneAsync(CancellationToken.None));
        Assert.Equal("new open", await ledger.ScalarAsync<string>(
            "SELECT string_agg(cause, ' ' ORDER BY cause) FROM trigger_starts"));
        Assert.Equal(HookOutcome.Duplicate, await host.AcceptAsync("new"));
        Assert.Equal(HookOutcome.Accepted, await host.AcceptAsync("old"));
    }

    private static async Task<string> UntilEndedAsync(TriggerHost host, string run)
    {
        await host.UntilAsync("SELECT EXISTS (SELECT FROM streams WHERE stream_id = $1)", run);
        return await host.Engine.EndAsync(new RunId(run));
    }
}
