using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>A run that takes over what another one left, on a real ledger.</summary>
public sealed class RetryRunTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const string Steps = "  - { id: a, uses: test.idem, with: { say: \"${{ inputs.x }}\" } }\n"
        + "  - { id: b, uses: test.idem, with: { fail_first: 1 } }\n"
        + "  - { id: c, uses: test.idem, with: { say: \"${{ steps.a.output }}\" } }\n";

    private const string Head = "inputs: { x: { default: one } }\n";
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Retry_RunsWhatFailed_AndTakesOverTheRest()
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        var run = await host.StartAsync(Steps, Head);
        Assert.Equal("RunFailed", await host.EndAsync(run));
        var before = await host.TypesAsync(run);
        var again = await host.Runs.RetryAsync(
            host.Principal, run, new RetryRequest([], Reason: "flaky"), None);
        Assert.Equal("PlanCompleted", await host.EndAsync(again));
        Assert.Equal((1, 2, 1), (world.Acts["a"], world.Acts["b"], world.Acts["c"]));
        Assert.Equal(before, await host.TypesAsync(run));
        var started = (await host.FactsAsync(again, "RunStarted"))[0];
        Assert.Equal((run.Value, "flaky"), (started.GetProperty("retry_of").GetString(),
            started.GetProperty("reason").GetString()));
        var reused = Assert.Single(await host.FactsAsync(again, "TaskReused"));
        Assert.Equal(("a", run.Value, "one"), (reused.GetProperty("step_id").GetString(),
            reused.GetProperty("from_run").GetString(), reused.GetProperty("output").GetString()));
        Assert.Equal("one", (await host.FactsAsync(again, "TaskCompleted"))[1].GetProperty("output")
            .GetString());
        await host.Node.DrainReadModelsAsync(None);
        Assert.Equal(run.Value, await ledger.ScalarAsync<string>(
            "SELECT retry_of FROM runs_read WHERE run_id = $1", again.Value));
    }

    [Fact]
    public async Task EditedInputs_RunWhatReadThem_AndEditedStepsRunWithTheirs()
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        var run = await host.StartAsync(Steps, Head);
        await host.EndAsync(run);
        var again = await host.Runs.RetryAsync(host.Principal, run, new RetryRequest([],
            JsonElement.Parse("""{"x":"two"}"""), With: JsonElement.Parse("""{"c":{"say":"mine"}}""")), None);
        Assert.Equal("PlanCompleted", await host.EndAsync(again));
        Assert.Equal(2, world.Acts["a"]);
        Assert.Equal(["two", "acted", "mine"], (await host.FactsAsync(again, "TaskCompleted"))
            .Select(f => f.GetProperty("output").GetString()));
        // and a retry of the retry keeps the edits
        var third = await host.Runs.RetryAsync(host.Principal, again, new RetryRequest(["c"]), None);
        Assert.Equal("PlanCompleted", await host.EndAsync(third));
        Assert.Equal(2, world.Acts["a"]);
        Assert.Equal("mine", (await host.FactsAsync(third, "TaskCompleted"))[0].GetProperty("output")
            .GetString());
    }

    [Fact]
    public async Task DeathInTheMiddleOfARetry_GoesOnWithoutTheReusedTasks()
    {
        var world = new World();
        var first = await EngineHost.StartAsync(ledger, world);
        var run = await first.StartAsync("  - { id: a, uses: test.once }\n"
            + "  - { id: b, uses: test.idem, with: { fail_first: 1 } }\n"
            + "  - { id: w, uses: test.idem, with: { waits: true } }\n");
        Assert.Equal("RunFailed", await first.EndAsync(run));
        var again = await first.Runs.RetryAsync(first.Principal, run, new RetryRequest([]), None);
        await world.Entered("w");
        await first.AbandonAsync();
        world.Release("w");
        await using var second = await EngineHost.StartAsync(ledger, world);
        Assert.Equal("PlanCompleted", await second.EndAsync(again));
        Assert.Equal((1, 2), (world.Acts["a"], world.Acts["b"]));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task FrozenRun_CanBeRetried_ARunThatGoesOnCannot()
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        var plan = await host.Plans.CreateAsync(host.Principal, System.Text.Encoding.UTF8.GetBytes(
            "name: f\nsteps:\n" + Steps.Replace("inputs.x", "context.event", StringComparison.Ordinal)),
            "f.yaml", null, None);
        var run = await host.Runs.StartAsync(host.Principal, new PlanId(plan.PlanId),
            new RunRequest(null, null, null, null, Freeze: true), None);
        await host.UntilAsync(run, "TaskFrozen");
        var again = await host.Runs.RetryAsync(host.Principal, run, new RetryRequest([]), None);
        Assert.Equal("PlanCompleted", await host.EndAsync(again));
        Assert.Equal("TaskFrozen", (await host.TypesAsync(run))[^1]);
        await host.Runs.CancelAsync(host.Principal, run, null, None);

        var busy = await host.StartAsync("  - { id: w, uses: test.idem, with: { waits: true } }\n");
        await world.Entered("w");
        var refused = await Assert.ThrowsAsync<AegisException>(
            () => host.Runs.RetryAsync(host.Principal, busy, new RetryRequest([]), None).AsTask());
        Assert.Equal("AEGIS5063", refused.Error.Code);
        world.Release("w");
    }

    [Theory]
    [InlineData("nobody", null, null, "AEGIS5060")]
    [InlineData("a", """{"z":1}""", null, "AEGIS1035")]
    [InlineData("a", """{"x":1}""", null, "AEGIS1034")]
    [InlineData("a", null, """{"b":{"bogus":1}}""", "AEGIS2001")]
    [InlineData("a", null, """{"a":{"say":"${{ inputs.x }}"}}""", "AEGIS5062")]
    public async Task Edits_ThatDoNotFit_AreRefusedBeforeAnyFact(
        string from, string? inputs, string? with, string code)
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var run = await host.StartAsync(Steps, Head);
        await host.EndAsync(run);
        var refused = await Assert.ThrowsAsync<AegisException>(() => host.Runs.RetryAsync(host.Principal, run,
            new RetryRequest([from], Json(inputs), With: Json(with)), None).AsTask());
        Assert.Equal(code, refused.Error.Code);
    }

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}
