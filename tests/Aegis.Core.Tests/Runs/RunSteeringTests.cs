using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

/// <summary>What people and clocks do to a run: approvals, pauses, freezes, contracts, slas.</summary>
public sealed class RunSteeringTests
{
    [Fact]
    public void Approve_BeforeAYes_HoldsNothingAndSurvivesACrash()
    {
        var run = RunGroupTests.Of("""
            - { id: ask, uses: idem, approve: "deploy ${{ inputs.what }}?" }
            """, "inputs: { what: { default: it } }\n");
        Assert.Empty(run.Pending);
        Assert.Equal(("waiting_approval", "deploy it?"), (run.StatusOf("ask"),
            run.Facts.Select(f => f.Fact).OfType<ApprovalRequested>().Single().Message));
        run.Crash();
        Assert.Empty(run.Pending);
        Assert.Null(run.Send(at => new AnswerApproval(at, "ask", true, "key:ana", "fine")).Refusal);
        run.CarryAll();
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
        Assert.Equal("AEGIS5037",
            RunGroupTests.Of("- { id: a, uses: idem }")
            .Send(at => new AnswerApproval(at, "a", true, "key:ana", null)).Refusal?.Code);
    }

    [Fact]
    public void Approve_ThatIsDenied_FailsTheStep()
    {
        var run = RunGroupTests.Of("- { id: ask, uses: idem, approve: true }");
        run.Send(at => new AnswerApproval(at, "ask", false, "key:ana", "not on a Friday"));
        Assert.Equal((RunStatus.Failed, "key:ana: not on a Friday"),
            (run.State.Status, run.State.Tasks[0].Error!.Message));
    }

    [Theory]
    [InlineData(true, "yes key:ana: try the other index")]
    [InlineData(false, "no key:ana: try the other index")]
    public void Answer_IsReadByTheStepsBehind(bool granted, string read)
    {
        var run = RunGroupTests.Of("""
            - { id: ask, uses: idem, approve: help?, continue_on_error: true }
            - id: next
              uses: idem
              with:
                heard: "${{ steps.ask.answer.granted && 'yes' || 'no' }} ${{ steps.ask.answer.actor
                  }}: ${{ steps.ask.answer.reason }}"
                early: "${{ steps.before.answer }}"
              needs: [ask, before]
            - { id: before, uses: idem, needs: [] }
            """);
        run.CarryAll();
        run.Send(at => new AnswerApproval(at, "ask", granted, "key:ana", "try the other index"));
        RunEffect.Execute? next = null;
        while (next is null)
        {
            next = run.Pending[0] is RunEffect.Execute found
                && run.State.Plan.Tasks[found.Index].StepId == "next" ? found : null;
            run.Carry(run.Pending[0]);
        }
        Assert.Equal(read, next.Input.GetProperty("heard").GetString());
        Assert.Equal(JsonValueKind.Null, next.Input.GetProperty("early").ValueKind);
    }

    [Fact]
    public void Approve_ThatNobodyAnswersInTime_IsANo()
    {
        var run = RunGroupTests.Of("- { id: ask, uses: idem, approve: { message: sure?, timeout: 2d } }");
        run.Crash();
        run.CarryAll();
        Assert.Equal("AEGIS5035", run.State.Tasks[0].Error?.Code);
    }

    [Fact]
    public void Outputs_OfAStep_JoinWhatItsToolLeft()
    {
        var run = RunGroupTests.Of("""
            - id: a
              uses: idem
              outputs:
                size: { value: "${{ steps.a.outputs.n }}", type: number }
                text: "n is ${{ steps.a.outputs.n }}"
            """);
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0],
            result: Simulation.Result("idem", true) with { Outputs = JsonElement.Parse("""{"n":7}""") });
        Assert.Equal("""{"n":7,"size":7,"text":"n is 7"}""", run.State.Tasks[0].Outputs!.Value.GetRawText());
    }

    [Fact]
    public void Outputs_ThatBreakTheirContract_FailTheStepAndAskForAnotherPlan()
    {
        var run = RunGroupTests.Of("""
            - { id: a, uses: idem, outputs: { size: { value: "${{ steps.a.output }}", type: number } } }
            - { id: b, uses: pure }
            - { id: c, uses: pure, needs: [] }
            """);
        run.CarryAll();
        Assert.Equal("AEGIS5036", run.State.Tasks[0].Error?.Code);
        var asked = run.Facts.Select(f => f.Fact).OfType<ReplanRequired>().Single();
        Assert.Equal(("a", "sub_graph", "a contract failed"),
            (asked.StepId, asked.ReplanScope, asked.Reason));
        Assert.Equal("b", Assert.Single(asked.Affected));
    }

    [Fact]
    public void Outputs_OfTheRun_StandInItsLastFact()
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem }",
            "outputs: { said: \"${{ steps.a.output }}\" }\n");
        run.CarryAll();
        Assert.Equal("""{"said":"out"}""", run.State.Outputs!.Value.GetRawText());
    }

    [Fact]
    public void Sla_OfStepAndRun_IsRecordedOnceAndChangesNothingElse()
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem, sla: 1s }", "sla: 2s\n");
        run.Carry(run.Pending.OfType<RunEffect.AcquireSlot>().Single());
        run.Tick();
        run.Carry(run.Pending.OfType<RunEffect.WakeAt>().Single());
        run.Send(at => new TaskDue(at, 0));
        run.Send(at => new RunDue(at));
        run.Send(at => new RunDue(at));
        run.CarryAll();
        Assert.Equal([("a", 1000L), (null, 2000L)], run.Facts.Select(f => f.Fact).OfType<SLAViolated>()
            .Select(e => (e.StepId, e.LimitMs)));
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
    }

    [Fact]
    public void Pause_LetsWhatRunsEndAndStartsNothingUntilResumed()
    {
        var run = RunGroupTests.Of("""
            - { id: a, uses: idem }
            - { id: b, uses: idem }
            """);
        run.Carry(run.Pending[0]);
        run.Send(at => new PauseRun(at, "key:ana", null));
        run.CarryAll();
        Assert.Equal(("succeeded", "ready", "paused"),
            (run.StatusOf("a"), run.StatusOf("b"), TaskStatusText.Of(run.State)));
        run.Crash();
        Assert.Empty(run.Pending);
        run.Send(at => new ResumeRun(at, "key:ana"));
        run.CarryAll();
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
    }

    [Fact]
    public void Pause_WhileATaskWaitsForASlot_GivesTheSlotBackAndAsksAgain()
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem }");
        run.Send(at => new PauseRun(at, "key:ana", null));
        run.CarryAll();
        Assert.Equal("ready", run.StatusOf("a"));
        run.Send(at => new ResumeRun(at, "key:ana"));
        run.CarryAll();
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
    }

    [Theory]
    [InlineData("retry", "succeeded")]
    [InlineData("done", "succeeded")]
    [InlineData("fail", "failed")]
    public void Freeze_OfAFailedStep_KeepsItsFilesUntilAHumanAnswers(string answer, string end)
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem }", freeze: true);
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0], result: Simulation.Result("idem", false) with { Layer = "kept" });
        Assert.Equal(("frozen", "kept"), (run.StatusOf("a"), run.State.Tasks[0].Layer));
        run.Crash();
        Assert.Empty(run.Pending);
        run.Send(at => new ResolveTask(at, "a", answer, "key:ana"));
        run.CarryAll();
        Assert.Equal(end, TaskStatusText.Of(run.State));
    }
}
