using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

public sealed class RunCoreTests
{
    [Fact]
    public void Chain_OfPureTasks_NeedsThreeFactsEach()
    {
        var run = new Simulation(
            PlanOf.Tasks(PlanOf.Task(0, "a", "pure", []), PlanOf.Task(1, "b", "pure", [0])));
        run.CarryAll();
        Assert.Equal(["RunStarted", "TaskStarted", "ToolReturned", "TaskCompleted", "TaskStarted",
            "ToolReturned",
            "TaskCompleted", "PlanCompleted"], run.Types);
    }

    [Fact]
    public void Chain_CompletionAndNextStart_AreOneDecision()
    {
        var run = new Simulation(
            PlanOf.Tasks(PlanOf.Task(0, "a", "pure", []), PlanOf.Task(1, "b", "pure", [0])));
        run.Pending.Clear();
        var decision = run.Send(at => new TaskReturned(at, 0, 1, Simulation.Result("pure", true), 0));
        Assert.Equal(["ToolReturned", "TaskCompleted", "TaskStarted"],
            decision.Events.Select(e => e.GetType().Name));
    }

    [Fact]
    public void Failure_SkipsWhatNeedsIt_ButNotOtherBranches()
    {
        var run = new Simulation(
            PlanOf.Tasks(PlanOf.Task(0, "bad", "idem", []), PlanOf.Task(1, "after", "pure", [0]),
            PlanOf.Task(2, "deep", "pure", [1]), PlanOf.Task(3, "other", "pure", [])));
        run.CarryAll(e => e is not RunEffect.Execute { Index: 0 });
        Assert.Equal(["failed", "skipped", "skipped", "succeeded"],
            new[] { "bad", "after", "deep", "other" }.Select(run.StatusOf));
        Assert.Equal(RunStatus.Failed, run.State.Status);
        Assert.Equal("step bad failed: broke", run.State.StopReason);
    }

    [Fact]
    public void ContinueOnError_LetsTheRunGoOnAndSucceed()
    {
        var run = new Simulation(PlanOf.Tasks(PlanOf.Task(0, "bad", "idem", [], continueOnError: true),
            PlanOf.Task(1, "after", "pure", [0])));
        run.CarryAll(e => e is not RunEffect.Execute { Index: 0 });
        Assert.Equal(("failed", "succeeded", RunStatus.Succeeded),
            (run.StatusOf("bad"), run.StatusOf("after"), run.State.Status));
    }

    [Theory]
    [InlineData(2, 2, "succeeded")]
    [InlineData(2, 3, "failed")]
    public void Retry_AtTheLimitAndOnePast(int max, int failures, string expected)
    {
        var run = new Simulation(PlanOf.Tasks(PlanOf.Task(0, "a", "idem", [], retries: max)));
        var left = failures;
        run.CarryAll(e => e is not RunEffect.Execute || left-- <= 0);
        Assert.Equal(expected, run.StatusOf("a"));
        Assert.Equal(Math.Min(max + 1, failures + 1), run.State.Tasks[0].Attempt);
    }

    [Fact]
    public void Crash_BeforeTheCall_RunsAgainWithoutCountingATry()
    {
        var run = new Simulation(PlanOf.Tasks(PlanOf.Task(0, "a", "once", [])));
        run.Carry(run.Pending[0]);
        run.Crash();
        Assert.Equal((TaskStatus.Running, 2, 1),
            (run.State.Tasks[0].Status, run.State.Tasks[0].Attempt, run.State.Tasks[0].Tries));
    }

    [Fact]
    public void Crash_AfterTheCallOfAnUnrepeatableAct_AsksAHuman()
    {
        var run = CrashedAfterCall("once");
        Assert.Equal("in_doubt", run.StatusOf("a"));
        var refused = run.Send(at => new ResolveTask(at, "nobody", "done", "key:x"));
        Assert.Equal("AEGIS5003", refused.Refusal?.Code);
        run.Send(at => new ResolveTask(at, "a", "done", "key:x"));
        Assert.Equal(("succeeded", RunStatus.Succeeded), (run.StatusOf("a"), run.State.Status));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void Crash_AfterTheCallOfAnAskableAct_AsksTheOutsideFirst(bool happened, int attempts)
    {
        var run = CrashedAfterCall("probe");
        var probe = Assert.IsType<RunEffect.Probe>(Assert.Single(run.Pending));
        run.Carry(probe, happened);
        run.CarryAll();
        Assert.Equal(("succeeded", attempts), (run.StatusOf("a"), run.State.Tasks[0].Attempt));
    }

    [Fact]
    public void Cancel_InterruptsWhatRunsAndSkipsTheRest()
    {
        var run = new Simulation(
            PlanOf.Tasks(PlanOf.Task(0, "a", "idem", []), PlanOf.Task(1, "b", "pure", [0])));
        run.Carry(run.Pending[0]);
        var execute = Assert.IsType<RunEffect.Execute>(Assert.Single(run.Pending));
        run.Send(at => new CancelRun(at, "key:x", null));
        Assert.Contains(new RunEffect.Interrupt(0, 1), run.Pending);
        run.Carry(execute, ok: false);
        Assert.Equal(("cancelled", "skipped", RunStatus.Cancelled),
            (run.StatusOf("a"), run.StatusOf("b"), run.State.Status));
    }

    [Theory]
    [InlineData("1.00", RunStatus.Succeeded)]
    [InlineData("1.01", RunStatus.Failed)]
    public void Budget_AtTheLimitAndOnePast(string cost, RunStatus expected)
    {
        var run = new Simulation(
            PlanOf.Tasks(1m, PlanOf.Task(0, "a", "idem", []), PlanOf.Task(1, "b", "pure", [0])));
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0],
            cost: decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture));
        run.CarryAll();
        Assert.Equal(expected, run.State.Status);
        Assert.Equal(expected == RunStatus.Failed, run.Types.Contains("BudgetExceeded"));
    }

    private static Simulation CrashedAfterCall(string tool)
    {
        var run = new Simulation(PlanOf.Tasks(PlanOf.Task(0, "a", tool, [])));
        run.Carry(run.Pending[0]);
        run.Send(at => new RecordCall(at, 0, new ToolCalled("a", 1, "c", tool, "x", null)));
        run.Crash();
        return run;
    }
}
