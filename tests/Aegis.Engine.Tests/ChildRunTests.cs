using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Runs;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>Steps that stand on runs of their own, through cancels, pauses, deadlines and deaths.</summary>
public sealed class ChildRunTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string name = "w" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task Step_EndsWithItsRun_AndHasItsOutputs()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        await host.RegisterAsync(name,
            "  - { id: a, uses: test.idem, with: { say: \"${{ inputs.who }}\" } }\n",
            "inputs: { who: { required: true } }\noutputs: { said: \"${{ steps.a.output }}\" }\n");
        var run = await host.StartAsync(
            $"  - {{ id: call, uses: workflow.run, with: {{ workflow: {name}, inputs: {{ who: ana }} }} }}\n"
            + "  - { id: b, uses: flow.noop, with: { value: \"${{ steps.call.outputs.said }}\" } }\n");
        Assert.Equal("PlanCompleted", await host.EndAsync(run));
        var child = await ChildAsync(host, run);
        Assert.Equal("PlanCompleted", (await host.TypesAsync(child))[^1]);
        var done = await host.FactsAsync(run, "TaskCompleted");
        Assert.Equal((child.Value, "ana"),
            (done[0].GetProperty("output").GetString(), done[1].GetProperty("output").GetString()));
        var started = (await host.FactsAsync(child, "RunStarted"))[0];
        Assert.Equal((run.Value, "call", "ana"), (
            started.GetProperty("parent").GetProperty("run_id").GetString(),
            started.GetProperty("parent").GetProperty("step_id").GetString(),
            started.GetProperty("inputs").GetProperty("who").GetString()));
        Assert.Equal(["tools:*"], started.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()));
    }

    /// <summary>What a call costs is held to the run's own cap and to those of all runs above it.</summary>
    [Fact]
    public async Task Calls_AreHeldToTheCapsOfAllRunsAbove()
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        await host.RegisterAsync(
            name, "  - { id: deep, uses: test.idem }\n", "policy: { max_cost_usd: 2 }\n");
        await host.RegisterAsync(name + "m",
            $"  - {{ id: call, uses: workflow.run, with: {{ workflow: {name} }} }}\n");
        var run = await host.StartAsync(
            "  - { id: top, uses: test.idem }\n"
            + $"  - {{ id: call, uses: workflow.run, with: {{ workflow: {name}m }} }}\n",
            "policy: { max_cost_usd: 3 }\n");
        Assert.Equal("PlanCompleted", await host.EndAsync(run));
        var middle = await ChildAsync(host, run);
        var deepest = await ChildAsync(host, middle);
        var tenant = (await ledger.Tenants.ResolveAsync(EngineHost.Tenancy, None))!.Value.Tenant;
        Assert.Equal([new(tenant, run, 3)], world.Contexts["top"].RunBudgets.AsEnumerable());
        Assert.Equal([new(tenant, deepest, 2), new(tenant, middle, 3), new(tenant, run, 3)],
            world.Contexts["deep"].RunBudgets.AsEnumerable());
        await host.StartAsync("  - { id: free, uses: test.idem }\n");
        await world.Entered("free");
        Assert.Empty(world.Contexts["free"].RunBudgets);
    }

    [Fact]
    public async Task FailedChild_FailsItsStep_AndARetryIsAnotherRun()
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        await host.RegisterAsync(name, "  - { id: flaky, uses: test.idem, with: { fail_first: 1 } }\n");
        var run = await host.StartAsync(
            $"  - id: call\n    uses: workflow.run\n    with: {{ workflow: {name} }}\n"
            + "    retry: { max: 1, delay: 1ms, backoff: constant }\n");
        Assert.Equal("PlanCompleted", await host.EndAsync(run));
        var asked = await host.FactsAsync(run, "ChildRunRequested");
        Assert.Equal(2, asked.Select(f => f.GetProperty("run_id").GetString()).Distinct().Count());
        Assert.Equal(["failed", "succeeded"], (await host.FactsAsync(run, "ChildRunEnded"))
            .Select(f => f.GetProperty("status").GetString()));
        Assert.Equal(2, world.Acts["flaky"]);
    }

    [Theory]
    [InlineData("nobody", "AEGIS5050")]
    [InlineData("self", "AEGIS5054")]
    [InlineData("needy", "AEGIS1033")]
    [InlineData("grouped", "AEGIS5056")]
    [InlineData("shell", "AEGIS5058")]
    public async Task ChildThatMayNotBegin_FailsItsStepAtOnce(string which, string code)
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        await host.RegisterAsync(
            "needy", "  - { id: a, uses: flow.noop }\n", "inputs: { x: { required: true } }\n");
        await host.RegisterAsync("grouped", "  - { id: a, uses: flow.noop }\n", "concurrency: g\n");
        await host.RegisterAsync("shell",
            "  - { id: a, uses: flow.noop, with: { value: { cmd: \"echo ${{ env.X }}\" } }, "
            + "env: { X: \"${{ inputs.x }}\" } }\n", "inputs: { x: { default: y } }\n");
        var self = await host.RegisterAsync("self",
            "  - { id: call, uses: workflow.run, with: { workflow: self } }\n");
        var run = which == "self"
            ? await host.Runs.StartAsync(host.Principal, new PlanId(self.PlanId),
                new RunRequest(null, null, null, null), None)
            : await host.StartAsync("  - { id: z, uses: flow.noop }\n"
                + $"  - {{ id: call, uses: workflow.run, with: {{ workflow: {which}"
                + $"{(which == "shell" ? ", inputs: { x: \"${{ steps.z.output }}\" }" : "")} }} }}\n",
                "concurrency: g\n");
        Assert.Equal("RunFailed", await host.EndAsync(run));
        var failed = (await host.FactsAsync(run, "TaskFailed"))[0];
        Assert.Equal(code, failed.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("refused", Text((await host.FactsAsync(run, "ChildRunEnded"))[0], "status"));
    }

    [Fact]
    public async Task RunsBelowOneAnother_AtTheLimitAndOnePast()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        await host.RegisterAsync("deep0", "  - { id: a, uses: flow.noop }\n");
        for (var i = 1; i <= Core.Runs.Children.ChildRuns.DepthMax; i++)
        {
            await host.RegisterAsync($"deep{i}",
                $"  - {{ id: call, uses: workflow.run, with: {{ workflow: deep{i - 1} }} }}\n");
        }
        async Task<string> Call(int depth) => await host.EndAsync(await host.StartAsync(
            $"  - {{ id: call, uses: workflow.run, with: {{ workflow: deep{depth - 1} }} }}\n"));
        Assert.Equal("PlanCompleted", await Call(Core.Runs.Children.ChildRuns.DepthMax));
        Assert.Equal("RunFailed", await Call(Core.Runs.Children.ChildRuns.DepthMax + 1));
    }

    [Fact]
    public async Task CancelPauseAndResume_GoDown()
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        await host.RegisterAsync(name, "  - { id: w, uses: test.idem, with: { waits: true } }\n"
            + "  - { id: after, uses: test.idem }\n");
        var run = await host.StartAsync(Call());
        await world.Entered("w");
        var child = await ChildAsync(host, run);
        await host.Runs.PauseAsync(host.Principal, run, "lunch", None);
        await host.UntilAsync(child, "RunPaused");
        await host.Runs.ResumeAsync(host.Principal, run, None);
        await host.UntilAsync(child, "RunResumed");
        await host.Runs.CancelAsync(host.Principal, run, "enough", None);
        Assert.Equal("RunCancelled", await host.EndAsync(run));
        Assert.Equal("RunCancelled", await host.EndAsync(child));
        Assert.DoesNotContain("after", world.Acts.Keys);
    }

    [Fact]
    public async Task TheStepsTime_EndsItsRun()
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        await host.RegisterAsync(name, "  - { id: w, uses: test.idem, with: { waits: true } }\n");
        var run = await host.StartAsync("  - { id: call, uses: workflow.run, timeout: 200ms, "
            + $"with: {{ workflow: {name} }} }}\n");
        Assert.Equal("RunFailed", await host.EndAsync(run));
        Assert.Equal("AEGIS5053", (await host.FactsAsync(run, "TaskFailed"))[0].GetProperty("error")
            .GetProperty("code").GetString());
        Assert.Equal("RunCancelled", await host.EndAsync(await ChildAsync(host, run)));
    }

    [Fact]
    public async Task DeathWhileAChildRuns_NeitherLosesNorDoublesIt()
    {
        var world = new World();
        var first = await EngineHost.StartAsync(ledger, world);
        await first.RegisterAsync(name, "  - { id: w, uses: test.idem, with: { waits: true } }\n");
        var run = await first.StartAsync("  - id: call\n    uses: workflow.run\n    foreach: [1, 2]\n"
            + $"    with: {{ workflow: {name} }}\n");
        await world.Entered("w");
        await first.AbandonAsync();
        world.Release("w");
        await using var second = await EngineHost.StartAsync(ledger, world);
        Assert.Equal("PlanCompleted", await second.EndAsync(run));
        var asked = (await second.FactsAsync(run, "ChildRunRequested"))
            .Select(f => f.GetProperty("run_id").GetString()!).ToList();
        Assert.Equal(2, asked.Distinct().Count());
        Assert.Equal(2, asked.Count);
        Assert.Equal(2, (await second.FactsAsync(run, "ChildRunEnded")).Count);
        foreach (var child in asked)
        {
            Assert.Single(await second.FactsAsync(new RunId(child), "RunStarted"));
        }
        await second.Node.DrainReadModelsAsync(None);
        Assert.Equal(2, await ledger.ScalarAsync<long>(
            "SELECT count(*) FROM runs_read WHERE parent_run = $1", run.Value));
        await first.DisposeAsync();
    }

    /// <summary>The two moments that a kill can fall between: the request is a fact and there is no run yet;
    /// the run has ended and nobody was told.</summary>
    [Fact]
    public async Task DeathBeforeTheStartAndAfterTheEnd_IsMadeGoodFromTheLedger()
    {
        var world = new World();
        var first = await EngineHost.StartAsync(ledger, world);
        await first.RegisterAsync(name, "  - { id: w, uses: test.idem, with: { waits: true } }\n");
        var run = await first.StartAsync(Call());
        await world.Entered("w");
        var child = await ChildAsync(first, run);
        await first.AbandonAsync();
        await first.DisposeAsync();
        // as if the child had never been started
        await ledger.ExecuteAsync("DELETE FROM events WHERE stream_key IN (SELECT stream_key FROM streams "
            + $"WHERE stream_id = '{child}'); DELETE FROM streams WHERE stream_id = '{child}'");
        var again = new World();
        var second = await EngineHost.StartAsync(ledger, again);
        await again.Entered("w");
        Assert.Equal(child, await ChildAsync(second, run));
        again.Release("w");
        Assert.Equal("PlanCompleted", await second.EndAsync(run));
        await second.DisposeAsync();
        // as if the parent had never heard of the end
        await ledger.ExecuteAsync(
            "DELETE FROM events e USING streams s WHERE s.stream_key = e.stream_key AND "
            + $"s.stream_id = '{run}' AND e.version > (SELECT version FROM events r WHERE r.stream_key = "
            + "s.stream_key AND r.type = 'ChildRunRequested')");
        await ledger.ExecuteAsync($"UPDATE streams SET closed = false WHERE stream_id = '{run}'");
        await using var third = await EngineHost.StartAsync(ledger, new World());
        Assert.Equal("PlanCompleted", await third.EndAsync(run));
        Assert.Equal("succeeded", Text((await third.FactsAsync(run, "ChildRunEnded"))[0], "status"));
    }

    private static async Task<RunId> ChildAsync(EngineHost host, RunId run) =>
        new((await host.FactsAsync(run, "ChildRunRequested"))[0].GetProperty("run_id").GetString()!);

    private static string? Text(JsonElement fact, string member) => fact.GetProperty(member).GetString();

    private string Call() => $"  - {{ id: call, uses: workflow.run, with: {{ workflow: {name} }} }}\n";
}
