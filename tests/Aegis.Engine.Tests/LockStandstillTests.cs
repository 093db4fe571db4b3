using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Runs.Locks;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>Requests for locks that could never be granted: refused when they are made.</summary>
public sealed class LockStandstillTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly Tenancy Acme = new("acme", "web");
    private readonly LockBook locks = new();
    private readonly List<string> granted = [];

    [Theory]
    [InlineData("staging", "RunFailed", "AEGIS5059")]
    [InlineData("other", "PlanCompleted", null)]
    public async Task Child_ThatAsksForItsCallersLock_FailsAtOnce(string wanted, string end, string? code)
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var name = $"w{Guid.NewGuid():N}"[..11];
        await host.RegisterAsync(
            name + "-low", $"  - {{ id: deploy, uses: test.idem, lock: [free, {wanted}] }}\n");
        await host.RegisterAsync(
            name, $"  - {{ id: mid, uses: workflow.run, with: {{ workflow: {name}-low }} }}\n");
        var run = await host.StartAsync($"  - {{ id: call, uses: workflow.run, lock: staging, "
            + $"with: {{ workflow: {name} }} }}\n");
        Assert.Equal(end, await host.EndAsync(run));
        var low = await ChildAsync(host, await ChildAsync(host, run));
        var failed = (await host.FactsAsync(low, "TaskFailed")).Select(f => f.GetProperty("error")).ToList();
        Assert.Equal(code, failed.Count == 0 ? null : failed[0].GetProperty("code").GetString());
        Assert.All(failed, e => Assert.Equal($"staging, of call of {run}", e.GetProperty("got").GetString()));
    }

    [Fact]
    public async Task StepThatIsAdded_AndAsksForTheAddingStepsLock_FailsAtOnce()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var run = await host.StartAsync("  - { id: add, uses: plan.extend, lock: staging, with: { steps: "
            + "[{ id: x, uses: test.idem, lock: staging }] } }\n");
        Assert.Equal("RunFailed", await host.EndAsync(run));
        var error = (await host.FactsAsync(run, "TaskFailed"))[0].GetProperty("error");
        Assert.Equal(("AEGIS5059", $"staging, of add of {run}"),
            (error.GetProperty("code").GetString(), error.GetProperty("got").GetString()));
    }

    [Fact]
    public async Task Death_OfTheServerWhileTheChildAsks_ChangesNothing()
    {
        var world = new World();
        var first = await EngineHost.StartAsync(ledger, world);
        var name = $"w{Guid.NewGuid():N}"[..11];
        await first.RegisterAsync(name, "  - { id: w, uses: test.idem, with: { waits: true } }\n"
            + "  - { id: deploy, uses: test.idem, lock: staging }\n");
        var run = await first.StartAsync("  - { id: call, uses: workflow.run, lock: staging, "
            + $"with: {{ workflow: {name} }} }}\n");
        await world.Entered("w");
        await first.AbandonAsync();
        world.Release("w");
        await using var second = await EngineHost.StartAsync(ledger, world);
        Assert.Equal("RunFailed", await second.EndAsync(run));
        var failed = (await second.FactsAsync(await ChildAsync(second, run), "TaskFailed"))[0];
        Assert.Equal("AEGIS5059", failed.GetProperty("error").GetProperty("code").GetString());
        await first.DisposeAsync();
    }

    [Fact]
    public void Circle_OverTwoRuns_IsRefusedWhereItCloses()
    {
        Ask("p", ["a"]);
        Ask("q", ["b"]);
        Assert.Null(Ask("p.child", ["b"], "p"));
        Assert.Equal(new LockStandstill("a", Of("p")), Ask("q.child", ["c", "a"], "q"));
        // who was refused waits for nothing; the other goes on when its turn comes
        Release(Of("q"));
        Assert.Equal(["p", "q", "p.child"], granted);
    }

    [Fact]
    public void Circle_OverARequestInFront_IsNone_ItIsPassed()
    {
        Ask("p", ["a"]);
        Ask("q", ["b"]);
        Assert.Null(Ask("q.child", ["a"], "q"));
        // z waits for q, q for its child, that for p: so p's child need not wait for z
        Assert.Null(Ask("z", ["b", "c"]));
        Assert.Null(Ask("p.child", ["c"], "p"));
        Assert.Equal(["p", "q", "p.child"], granted);
    }

    [Fact]
    public void Request_OfAChild_PassesOneThatWaitsForItsCaller()
    {
        Ask("p", ["a"]);
        Assert.Null(Ask("z", ["a", "b"]));
        Assert.Null(Ask("stranger", ["b"]));
        Assert.Null(Ask("p.child", ["b"], "p"));
        Assert.Equal(["p", "p.child"], granted);
        Release(Of("p.child"));
        Release(Of("p"));
        Release(Of("z"));
        Assert.Equal(["p", "p.child", "z", "stranger"], granted);
    }

    private static async Task<RunId> ChildAsync(EngineHost host, RunId run) =>
        new((await host.FactsAsync(run, "ChildRunRequested"))[0].GetProperty("run_id").GetString()!);

    private static LockOwner Of(string run) => new(Acme, run, 0);

    private LockStandstill? Ask(string run, string[] names, params string[] above)
    {
        var standstill = locks.Ask(new LockEntry(Of(run), [.. names], [.. above.Select(Of)]));
        Grant();
        return standstill;
    }

    private void Release(LockOwner owner)
    {
        locks.Drop(o => o == owner);
        Grant();
    }

    private void Grant() => granted.AddRange(locks.Grant().Select(entry => entry.Owner.RunId));
}
