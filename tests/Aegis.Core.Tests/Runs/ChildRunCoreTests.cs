using System.Text.Json;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

public sealed class ChildRunCoreTests
{
    [Fact]
    public void Child_HoldsNoSlot_AndItsIdIsMadeOfRunStepAndAttempt()
    {
        var run = Asked("- { id: a, uses: child, retry: 1 }");
        Assert.Equal("waiting_run", run.StatusOf("a"));
        var start = Assert.IsType<RunEffect.StartChild>(Assert.Single(run.Pending));
        Assert.Equal(ChildRuns.IdOf(run.State, "a", 1), start.RunId);
        run.Carry(start, ok: false);
        run.CarryAll();
        Assert.Equal(ChildRuns.IdOf(run.State, "a", 2), run.State.Tasks[0].Child!.RunId);
        Assert.Equal("succeeded", run.StatusOf("a"));
    }

    [Fact]
    public void ChildEnded_ToldTwiceOrOfAnotherRun_DoesNothing()
    {
        var run = Asked("- { id: a, uses: child }");
        var id = run.State.Tasks[0].Child!.RunId;
        Assert.Empty(run.Send(at => new ChildEnded(at, 0, "run_x", new ChildResult("succeeded"), 0)).Events);
        run.Send(at => new ChildEnded(at, 0, id, new ChildResult("succeeded"), 0));
        var facts = run.Facts.Count;
        run.Send(at => new ChildEnded(at, 0, id, new ChildResult("failed"), 0));
        Assert.Equal((facts, RunStatus.Succeeded), (run.Facts.Count, run.State.Status));
    }

    [Fact]
    public void Cost_OfAChild_CountsAtOnce_AndOnce()
    {
        var run = Asked("- { id: a, uses: child }", "policy: { max_cost_usd: 3 }\n");
        var id = run.State.Tasks[0].Child!.RunId;
        run.Send(at => new ChildSpent(at, 0, id, 2));
        run.Send(at => new ChildSpent(at, 0, id, 2));
        Assert.Equal((2m, 1m), (run.State.CostUsd, run.State.BudgetLeftUsd));
        run.Send(at => new ChildSpent(at, 0, id, 3.5m));
        Assert.Equal((3.5m, RunStatus.Stopping), (run.State.CostUsd, run.State.Status));
        Assert.Contains(run.Pending, e => e is RunEffect.SteerChild);
        run.Send(at => new ChildEnded(at, 0, id, new ChildResult("cancelled", null, 3.5m), 0));
        Assert.Equal((3.5m, RunStatus.Failed, "cancelled"),
            (run.State.CostUsd, run.State.Status, run.StatusOf("a")));
    }

    [Fact]
    public void Child_BoundByWhatTheRunAboveHadLeft_StopsThere()
    {
        var graph = RunGroupTests.Of("- { id: a, uses: idem }").State.Graph;
        var started = RunGroupTests.Of("- { id: a, uses: idem }").State.Start with
        {
            Parent = new ParentRef("run_0", "s", ["plan_0"], 1),
        };
        var run = new Simulation(graph, started, new([], null));
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0], cost: 1.5m);
        Assert.Contains("BudgetExceeded", run.Types);
    }

    [Fact]
    public void FollowParent_LeavesAloneWhatAHumanPaused()
    {
        var of = RunGroupTests.Of("- { id: a, uses: idem }");
        var run = new Simulation(of.State.Graph,
            of.State.Start with { Parent = new ParentRef("run_0", "s", ["plan_0"], null) }, new([], null));
        run.Send(at => new PauseRun(at, "key:ana", null));
        run.Send(at => new FollowParent(at, false));
        Assert.True(run.State.Paused);
        run.Send(at => new ResumeRun(at, "key:ana"));
        run.Send(at => new FollowParent(at, true));
        Assert.Equal("run:run_0", run.State.PausedBy);
        run.Send(at => new FollowParent(at, false));
        Assert.False(run.State.Paused);
    }

    [Fact]
    public void Time_OfTheStep_IsOverWhenItsRunIsCancelledForIt()
    {
        var run = Asked("- { id: a, uses: child, timeout: 10s }");
        var wake = run.Pending.OfType<RunEffect.WakeAt>().Single();
        run.Carry(wake);
        Assert.Contains(run.Pending, e => e is RunEffect.SteerChild);
        run.Send(at => new ChildEnded(
            at, 0, run.State.Tasks[0].Child!.RunId, new ChildResult("cancelled"), 0));
        Assert.Equal("AEGIS5053", run.State.Tasks[0].Error!.Code);
    }

    private static Simulation Asked(string steps, string header = "")
    {
        var run = RunGroupTests.Of(steps, header);
        run.Carry(run.Pending[0]);
        return run;
    }
}
