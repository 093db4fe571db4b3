using Aegis.Core;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>What runs owe each other: locks, concurrency groups, dedupe keys; and groups of tasks on a real
/// ledger.</summary>
public sealed class OrderTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const string Waits =
        "  - {{ id: {0}, uses: test.idem, lock: staging, with: {{ waits: true }} }}\n";

    [Fact]
    public async Task Lock_OfTwoRuns_IsHeldByOneAtATimeAndGivenBackAtTheEnd()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var first = await engine.StartAsync(Steps("a"));
        await engine.World.Entered("a");
        var second = await engine.StartAsync(Steps("b"));
        Assert.Equal(["RunStarted"], await engine.TypesAsync(second));
        engine.World.Release("a");
        await engine.EndAsync(first);
        await engine.World.Entered("b");
        engine.World.Release("b");
        Assert.Equal("PlanCompleted", await engine.EndAsync(second));
        Assert.Equal(["RunStarted", "LockGranted", "TaskStarted", "ToolCalled", "ToolReturned",
            "TaskCompleted", "ResourceReleased", "PlanCompleted"], await engine.TypesAsync(second));
    }

    [Fact]
    public async Task Lock_HeldWhenTheServerDies_IsHeldByTheNextLife()
    {
        var first = await EngineHost.StartAsync(ledger, new World());
        var holder = await first.StartAsync(Steps("h"));
        await first.World.Entered("h");
        var waiter = await first.StartAsync(Steps("w"));
        await first.AbandonAsync();

        await using var next = await EngineHost.StartAsync(ledger, new World());
        await next.World.Entered("h");
        Assert.Equal(["RunStarted"], await next.TypesAsync(waiter));
        next.World.Release("h");
        await next.World.Entered("w");
        next.World.Release("w");
        Assert.Equal("PlanCompleted", await next.EndAsync(waiter));
        Assert.Equal("PlanCompleted", await next.EndAsync(holder));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Lock_OfARunThatIsCancelledWhileItWaits_GoesToTheNext()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        var first = await engine.StartAsync(Steps("a"));
        await engine.World.Entered("a");
        var second = await engine.StartAsync(Steps("b"));
        var third = await engine.StartAsync(Steps("c"));
        await engine.Runs.CancelAsync(engine.Principal, second, null, CancellationToken.None);
        await engine.EndAsync(second);
        engine.World.Release("a");
        await engine.World.Entered("c");
        engine.World.Release("c");
        Assert.Equal("PlanCompleted", await engine.EndAsync(third));
        Assert.Equal("PlanCompleted", await engine.EndAsync(first));
    }

    [Fact]
    public async Task Concurrency_OfOneGroup_RunsOneAfterTheOtherAndKeepsTheNewestThatWaits()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        const string Head = "concurrency: \"deploy-${{ inputs.to }}\"\ninputs: { to: { default: x } }\n";
        var first = await engine.StartAsync(Step("a"), Head);
        await engine.World.Entered("a");
        var second = await engine.StartAsync(Step("b"), Head);
        var third = await engine.StartAsync(Step("c"), Head);
        var other = await engine.StartAsync(Step("o"), Head, new { to = "y" });
        await engine.World.Entered("o");
        Assert.Equal("RunCancelled", await engine.EndAsync(second));
        Assert.Equal(["RunStarted"], await engine.TypesAsync(third));
        engine.World.Release("a");
        await engine.World.Entered("c");
        Assert.Equal("PlanCompleted", await engine.EndAsync(first));
        Assert.Contains("RunAdmitted", await engine.TypesAsync(third));
        engine.World.Release("c");
        engine.World.Release("o");
        Assert.Equal(("PlanCompleted", "PlanCompleted"),
            (await engine.EndAsync(third), await engine.EndAsync(other)));
    }

    [Fact]
    public async Task Concurrency_ThatCancelsInProgress_LetsTheNewestRun()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        const string Head = "concurrency: { group: main, cancel_in_progress: true }\n";
        var first = await engine.StartAsync(Step("a"), Head);
        await engine.World.Entered("a");
        var second = await engine.StartAsync(Step("b"), Head);
        await engine.World.Entered("b");
        engine.World.Release("b");
        Assert.Equal(("RunCancelled", "PlanCompleted"),
            (await engine.EndAsync(first), await engine.EndAsync(second)));
    }

    [Fact]
    public async Task Concurrency_WhenTheServerDies_GoesOnInTheSameOrder()
    {
        const string Head = "concurrency: nightly\n";
        var life = await EngineHost.StartAsync(ledger, new World());
        var first = await life.StartAsync(Step("a"), Head);
        await life.World.Entered("a");
        var second = await life.StartAsync(Step("b"), Head);
        await life.AbandonAsync();

        await using var next = await EngineHost.StartAsync(ledger, new World());
        await next.World.Entered("a");
        Assert.Equal(["RunStarted"], await next.TypesAsync(second));
        next.World.Release("a");
        await next.World.Entered("b");
        next.World.Release("b");
        Assert.Equal(("PlanCompleted", "PlanCompleted"),
            (await next.EndAsync(first), await next.EndAsync(second)));
        await life.DisposeAsync();
    }

    [Fact]
    public async Task DedupeKey_OfManyStartsAtOnce_IsOneRun()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World());
        const string Head = "dedupe_key: \"order-${{ inputs.n }}\"\n"
            + "inputs: { n: { type: number, required: true } }\n";
        var starts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            engine.StartAsync("  - { id: a, uses: flow.noop }\n", Head, new { n = i % 2 })));
        Assert.Equal(2, starts.Distinct().Count());
        Assert.All(await Task.WhenAll(starts.Select(engine.EndAsync)), e => Assert.Equal("PlanCompleted", e));
    }

    [Fact]
    public async Task Foreach_WithAddedSteps_SurvivesADeathInTheMiddle()
    {
        var life = await EngineHost.StartAsync(ledger, new World());
        var run = await life.StartAsync("""
              - id: plan
                uses: plan.extend
                with: { steps: [{ id: x, uses: test.idem, foreach: [1, 2] }] }
              - { id: last, uses: test.idem, with: { waits: true } }

            """);
        await life.World.Entered("last");
        await life.AbandonAsync();

        await using var next = await EngineHost.StartAsync(ledger, new World());
        await next.World.Entered("last");
        next.World.Release("last");
        Assert.Equal("PlanCompleted", await next.EndAsync(run));
        await next.Node.DrainReadModelsAsync(CancellationToken.None);
        Assert.Equal("last:succeeded plan:succeeded x:succeeded x.0:succeeded x.1:succeeded",
            await ledger.ScalarAsync<string>(
                "SELECT string_agg(step_id || ':' || status, ' ' ORDER BY step_id) "
                + "FROM tasks_read WHERE run_id = $1", run.Value));
        await life.DisposeAsync();
    }

    private static string Steps(string id) => string.Format(null, Waits, id);

    private static string Step(string id) =>
        $"  - {{ id: {id}, uses: test.idem, with: {{ waits: true }} }}\n";
}
