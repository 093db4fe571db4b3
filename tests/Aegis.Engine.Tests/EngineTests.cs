using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Engine.Pump;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

public sealed class EngineTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Run_OfNoops_HasThreeFactsATaskAndEndsClosed()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var run = await engine.StartAsync("  - { id: a, uses: flow.noop }\n  - { id: b, uses: flow.noop }\n");
        Assert.Equal("PlanCompleted", await engine.EndAsync(run));
        Assert.Equal(["RunStarted", "TaskStarted", "ToolReturned", "TaskCompleted", "TaskStarted", "ToolReturned",
            "TaskCompleted", "PlanCompleted"], await engine.TypesAsync(run));
        await engine.Node.DrainReadModelsAsync(CancellationToken.None);
        Assert.Equal("succeeded 2", await ledger.ScalarAsync<string>(
            "SELECT status || ' ' || tasks_done FROM runs_read WHERE run_id = $1", run.Value));
        Assert.True(await ledger.ScalarAsync<bool>("SELECT closed FROM streams WHERE stream_id = $1", run.Value));
    }

    [Fact]
    public async Task Call_ThatIsNotPure_IsAFactBeforeTheAct()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var run = await engine.StartAsync("  - { id: a, uses: test.idem, with: { waits: true } }\n");
        await engine.World.Entered("a");
        Assert.Equal(["RunStarted", "TaskStarted", "ToolCalled"], await engine.TypesAsync(run));
        engine.World.Release("a");
        Assert.Equal("PlanCompleted", await engine.EndAsync(run));
    }

    [Fact]
    public async Task Retry_ComesAfterItsBackoffAndSucceeds()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var run = await engine.StartAsync(
            "  - { id: a, uses: test.idem, with: { fail_first: 2 }, retry: { max: 2, delay: 20ms } }\n");
        Assert.Equal("PlanCompleted", await engine.EndAsync(run));
        Assert.Equal(3, engine.World.Acts["a"]);
        Assert.Equal(2, (await engine.TypesAsync(run)).Count(t => t == "TaskRetryScheduled"));
    }

    [Fact]
    public async Task Timeout_EndsTheAttempt()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var run = await engine.StartAsync("  - { id: a, uses: test.idem, with: { waits: true }, timeout: 100ms }\n");
        Assert.Equal("RunFailed", await engine.EndAsync(run));
    }

    [Fact]
    public async Task MaxTime_StopsTheRunAsOverBudget()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var run = await engine.StartAsync("  - { id: a, uses: test.idem, with: { waits: true } }\n",
            "policy: { max_time_ms: 200 }\n");
        Assert.Equal("RunFailed", await engine.EndAsync(run));
        Assert.Contains("BudgetExceeded", await engine.TypesAsync(run));
    }

    [Fact]
    public async Task Cancel_InterruptsTheAttemptAndSkipsTheRest()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var run = await engine.StartAsync(
            "  - { id: a, uses: test.idem, with: { waits: true } }\n  - { id: b, uses: flow.noop }\n");
        await engine.World.Entered("a");
        await engine.Runs.CancelAsync(engine.Principal, run, "enough", CancellationToken.None);
        Assert.Equal("RunCancelled", await engine.EndAsync(run));
        var again = await Assert.ThrowsAsync<AegisException>(async () =>
        {
            await engine.Node.DrainReadModelsAsync(CancellationToken.None);
            await engine.Runs.CancelAsync(engine.Principal, run, null, CancellationToken.None);
        });
        Assert.Equal("AEGIS5024", again.Error.Code);
        Assert.Equal(0L, await ledger.ScalarAsync<long>("SELECT count(*) FROM run_commands"));
    }

    [Fact]
    public async Task Slots_BoundWhatRunsAtOnce()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World(), new SlotLimits(3, 3, 2));
        var steps = string.Concat(Enumerable.Range(0, 6)
            .Select(i => $"  - {{ id: s{i}, uses: test.idem, needs: [], with: {{ waits: true }} }}\n"));
        var run = await engine.StartAsync(steps);
        await engine.World.Entered("s0");
        await engine.World.Entered("s1");
        for (var i = 0; i < 6; i++)
        {
            engine.World.Release($"s{i}");
        }
        Assert.Equal("PlanCompleted", await engine.EndAsync(run));
        Assert.Equal(2, engine.World.RunningMost);
    }

    [Fact]
    public async Task Scope_ThatIsMissing_DeniesAndTellsWhich()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var poor = new EngineCaller(engine, "tools:flow");
        var run = await poor.StartAsync("  - { id: a, uses: test.idem }\n");
        Assert.Equal("RunFailed", await engine.EndAsync(run));
        Assert.Contains("ToolDenied", await engine.TypesAsync(run));
        Assert.Empty(engine.World.Acts);
    }

    [Fact]
    public async Task Inputs_AreCheckedAndReachTheTools()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        const string head = "inputs: { name: { type: string, required: true } }\n";
        const string steps = "  - { id: a, uses: test.idem, with: { say: \"hi ${{ inputs.name }}\" } }\n"
            + "  - { id: b, uses: flow.noop, if: \"steps.a.output == 'hi Ana'\" }\n"
            + "  - { id: c, uses: flow.noop, if: \"steps.a.output != 'hi Ana'\" }\n";
        var run = await engine.StartAsync(steps, head, new { name = "Ana" });
        Assert.Equal("PlanCompleted", await engine.EndAsync(run));
        Assert.Equal(1, (await engine.TypesAsync(run)).Count(t => t == "TaskSkipped"));
        var refused = await Assert.ThrowsAsync<AegisException>(() => engine.StartAsync(steps, head));
        Assert.StartsWith("AEGIS10", refused.Error.Code);
        Assert.Contains("name", refused.Error.Message);
    }

    private sealed record EngineCaller(EngineHost Engine, string Scope)
    {
        public async Task<RunId> StartAsync(string steps)
        {
            var by = new Gate.Principal("key:poor", EngineHost.Tenancy, [Scope]);
            var plan = await Engine.Plans.CreateAsync(by, System.Text.Encoding.UTF8.GetBytes(
                $"name: t\non: manual\nsteps:\n{steps}"), "t.yaml", null, CancellationToken.None);
            return await Engine.Runs.StartAsync(by, new PlanId(plan.PlanId), new RunRequest(null, null, null, null),
                CancellationToken.None);
        }
    }
}
