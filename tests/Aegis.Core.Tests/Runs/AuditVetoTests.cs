using System.Text.Json;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Retries;

namespace Aegis.Core.Tests.Runs;

public sealed class AuditVetoTests
{
    private static readonly AuditVerdict Failed = new("/work/app", "vulnerable", "auditor", "h", 2, 3);
    private static readonly AuditVerdict Passed = Failed with { BuildStatus = "clean", Blocking = 0 };

    [Fact]
    public void Refusal_OfAPassUnderOtherRules_UntilTheTreeIsAuditedAgain()
    {
        var old = RunAudits.None.With("audit", Passed);
        Assert.Null(AuditVeto.Refusal("git.push", old, false, "h"));
        Assert.Equal("AEGIS2651", AuditVeto.Refusal("git.push", old, false, new string('n', 64))?.Code);
        Assert.Equal("AEGIS2651", AuditVeto.Refusal("git.push", old, true, new string('n', 64))?.Code);
        Assert.Null(AuditVeto.Refusal("git.commit", old, true, new string('n', 64)));
        // a veto that a pass under other rules lifted
        var lifted = RunAudits.None.With("a", Failed).With("b", Passed);
        Assert.Equal("AEGIS2651", AuditVeto.Refusal("git.push", lifted, false, new string('n', 64))?.Code);
        Assert.Null(AuditVeto.Refusal("git.push",
            old.With("again", Passed with { RulesetHash = new string('n', 64) }), true, new string('n', 64)));
        // the prober judges by a rule set of its own
        Assert.Null(AuditVeto.Refusal("git.push",
            RunAudits.None.With("p", Passed with { Ruleset = "probe" }), false, new string('n', 64)));
    }

    [Theory]
    [InlineData("git.push", true)]
    [InlineData("repo.pr.create", true)]
    [InlineData("repo.pr.merge", true)]
    [InlineData("deploy.process", true)]
    [InlineData("deploy.static", true)]
    [InlineData("deploy.terraform", true)]
    [InlineData("deploy.pulumi", true)]
    [InlineData("deploy.terraform.apply", true)]
    [InlineData("git.commit", false)]
    [InlineData("audit.scan", false)]
    [InlineData("deployment", false)]
    public void Refusal_OfAFailedAudit_IsForWhatLeavesTheRun(string tool, bool guarded)
    {
        var failed = RunAudits.None.With("audit", Failed);
        Assert.Equal(guarded ? "AEGIS2640" : null, AuditVeto.Refusal(tool, failed, false)?.Code);
        Assert.Null(AuditVeto.Refusal(tool, RunAudits.None, false));
        Assert.Null(AuditVeto.Refusal(tool, failed.With("again", Passed), false));
        Assert.Equal(guarded ? "AEGIS2641" : null, AuditVeto.Refusal(tool, RunAudits.None, true)?.Code);
        Assert.Equal(guarded ? "AEGIS2641" : null, AuditVeto.Refusal(tool, null, true)?.Code);
        Assert.Null(AuditVeto.Refusal(tool, RunAudits.None.With("audit", Passed), true));
    }

    [Fact]
    public void Veto_IsLiftedByAnAuditOfTheSameTreeOnly()
    {
        var failed = RunAudits.None.With("audit", Failed);
        foreach (var other in (AuditVerdict[])[Passed with { Tree = "/work/app/docs" },
            Passed with { Tree = "/work/application" }, Passed with { Paths = ["docs"] },
            Passed with { Tree = "running:/work/app", Ruleset = "probe" }])
        {
            Assert.NotNull(AuditVeto.Refusal("git.push", failed.With("other", other), false));
        }
        Assert.Null(AuditVeto.Refusal("git.push", failed.With("around", Passed with { Tree = "/work" }),
            false));
        var part = RunAudits.None.With("part", Failed with { Paths = ["src"] });
        Assert.Null(AuditVeto.Refusal("git.push", part.With("same", Passed with { Paths = ["src"] }), false));
        // a pass before a failure is worth nothing
        Assert.NotNull(AuditVeto.Refusal("git.push",
            RunAudits.None.With("a", Passed).With("b", Failed), true));
        // a probe alone is not the audit that a project demands
        Assert.NotNull(AuditVeto.Refusal("git.push", RunAudits.None.With("p",
            Passed with { Tree = "running:/work/app", Ruleset = "probe" }), true));
    }

    [Fact]
    public void Run_WhoseAuditFailed_KeepsTheVetoThroughAContinuedStepAndAChildsEnd()
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem, continue_on_error: true }\n"
            + "- { id: b, uses: idem }\n", "");
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0], result: Simulation.Result("idem", false) with { Audit = Failed });
        Assert.Equal("a", Assert.Single(run.State.Audits.Failed).StepId);
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0], result: Simulation.Result("idem", true) with { Audit = Passed });
        Assert.Empty(run.State.Audits.Failed);
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
        Assert.Equal(JsonSerializer.Serialize(run.State.Audits), JsonSerializer.Serialize(run.Fold().Audits));
    }

    [Fact]
    public void Child_ThatEndsWithAVeto_BringsItToTheRunAbove()
    {
        var below = RunAudits.None.With("x", Failed);
        Assert.Equal([new AuditFact("call", Failed)], RunAudits.None.With("call", below)
            .Failed.AsEnumerable());
        Assert.NotNull(AuditVeto.Refusal("git.push", RunAudits.None.Below(below), false));
        Assert.Null(AuditVeto.Refusal("git.push", RunAudits.None.With("own", Passed).Below(below), false));
    }
}
