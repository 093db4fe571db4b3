using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

/// <summary>A rule of the gate that asks makes a step wait for a human, for this call and no
/// other.</summary>
public sealed class GateQuestionTests
{
    [Fact]
    public void Ask_HoldsNothing_AndItsYesCarriesTheRule()
    {
        var run = Asked("- { id: a, uses: idem, lock: x, with: { cmd: rm } }");
        var asked = run.Facts.Select(f => f.Fact).OfType<ApprovalRequested>().Single();
        Assert.Equal(("a", "run_1.a", "git.force", "git.force: it rewrites history: git push --force"),
            (asked.StepId, asked.ApprovalId, asked.Rule, asked.Message));
        Assert.Equal(("waiting_approval", 0, null), (run.StatusOf("a"), run.State.Tasks[0].Tries,
            run.State.Tasks[0].Locks));
        Assert.DoesNotContain(nameof(ToolDenied), run.Types);
        Assert.IsType<RunEffect.ReleaseLocks>(Assert.Single(run.Pending));
        run.CarryAll();
        run.Send(at => new AnswerApproval(at, "a", true, "key:ana", null));
        run.Carry(Assert.IsType<RunEffect.AcquireLocks>(run.Pending[0]));
        run.Carry(Assert.IsType<RunEffect.AcquireSlot>(run.Pending[0]));
        var execute = Assert.IsType<RunEffect.Execute>(run.Pending[0]);
        Assert.Equal((2, "git.force"), (execute.Attempt, execute.Grant?.Rule));
        run.CarryAll();
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
    }

    [Fact]
    public void Yes_OutlivesACrash_AndARetryOfTheSameCall()
    {
        var run = Asked("- { id: a, uses: idem, retry: 1 }");
        run.Send(at => new AnswerApproval(at, "a", true, "key:ana", null));
        run.Carry(run.Pending[0]);
        run.Crash();
        Assert.Equal("git.force", Assert.IsType<RunEffect.Execute>(run.Pending[0]).Grant?.Rule);
        run.Carry(run.Pending[0], ok: false);
        run.Carry(Assert.IsType<RunEffect.WakeAt>(run.Pending[0]));
        run.Carry(Assert.IsType<RunEffect.AcquireSlot>(run.Pending[0]));
        Assert.Equal("git.force", Assert.IsType<RunEffect.Execute>(run.Pending[0]).Grant?.Rule);
    }

    [Fact]
    public void Yes_IsForOneCallOnly()
    {
        var run = Asked("- { id: a, uses: idem }", "another call");
        run.Send(at => new AnswerApproval(at, "a", true, "key:ana", null));
        run.Carry(run.Pending[0]);
        Assert.Null(Assert.IsType<RunEffect.Execute>(run.Pending[0]).Grant?.Rule);
    }

    [Fact]
    public void No_FailsTheStep_AndNobodysAnswerInTimeIsANo()
    {
        var denied = Asked("- { id: a, uses: idem }");
        denied.Send(at => new AnswerApproval(at, "a", false, "key:ana", "never"));
        Assert.Equal(("failed", "key:ana: never"),
            (denied.StatusOf("a"), denied.State.Tasks[0].Error!.Message));
        var late = RunGroupTests.Of("- { id: a, uses: idem, approve: { timeout: 1h } }");
        late.Send(at => new AnswerApproval(at, "a", true, "key:ana", null));
        late.Carry(late.Pending.OfType<RunEffect.AcquireSlot>().Single());
        var execute = late.Pending.OfType<RunEffect.Execute>().Single();
        late.Carry(execute, result: Simulation.Asking(execute));
        late.CarryAll();
        Assert.Equal("nobody", late.State.Tasks[0].Approval!.Actor);
        Assert.Equal("failed", late.StatusOf("a"));
    }

    [Fact]
    public void Ask_OfAStoppingRun_IsAnEnd()
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem }");
        run.Carry(run.Pending[0]);
        var execute = run.Pending[0];
        run.Send(at => new CancelRun(at, "key:ana", null));
        run.Carry(execute, result: Simulation.Asking(execute));
        Assert.Equal("cancelled", run.StatusOf("a"));
    }

    [Fact]
    public void Digest_TellsToolInputAndEnvironmentApart()
    {
        var none = ImmutableSortedDictionary<string, string>.Empty;
        var input = JsonElement.Parse("""{"cmd":"a"}""");
        var digests = new[]
        {
            GateQuestion.DigestOf("t", input, none), GateQuestion.DigestOf("u", input, none),
            GateQuestion.DigestOf("t", JsonElement.Parse("""{"cmd":"b"}"""), none),
            GateQuestion.DigestOf("t", input, none.Add("A", "1")),
            GateQuestion.DigestOf("t", input, none.Add("A", "2")),
        };
        Assert.Equal(5, digests.Distinct().Count());
        Assert.Equal(digests[0], GateQuestion.DigestOf("t", input, none));
    }

    private static Simulation Asked(string steps, string? about = null)
    {
        var run = RunGroupTests.Of(steps);
        while (run.Pending[0] is not RunEffect.Execute)
        {
            run.Carry(run.Pending[0]);
        }
        var asking = Simulation.Asking(run.Pending[0]);
        run.Carry(run.Pending[0], result: about is null ? asking
            : asking with { Asks = asking.Asks! with { CallDigest = about } });
        return run;
    }
}
