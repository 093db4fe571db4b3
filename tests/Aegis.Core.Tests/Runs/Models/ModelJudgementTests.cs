using Aegis.Core.Errors;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Tests.Runs.Models;

/// <summary>What a run finds out about models: from its tests and from humans, each once.</summary>
public sealed class ModelJudgementTests
{
    private const string Steps = "- { id: a, uses: idem }\n- { id: t, uses: idem, retry: 2 }\n"
        + "- { id: g, uses: idem, approve: { message: 'go?', timeout: 1h } }";

    [Theory]
    [InlineData(null, "t tests_passed tests.run coding here/fast 1")]
    [InlineData("AEGIS2364", "t tests_passed tests.run coding here/fast 0")]
    [InlineData("AEGIS2365", "")] // the runner crashed
    public void Tests_JudgeWhatWasAskedBefore(string? error, string judged)
    {
        var run = Asked(Use("fast"));
        Test(run, error);
        Assert.Equal(judged, Judged(run.State));
    }

    [Fact]
    public void Tests_OfOneStep_JudgeAModelOnce_HoweverOftenTheyAreTried()
    {
        var run = Asked(Use("fast"));
        Test(run, "AEGIS2364");
        run.Carry(run.Pending.OfType<RunEffect.WakeAt>().Single());
        Test(run, null);
        Assert.Equal("t tests_passed tests.run coding here/fast 0", Judged(run.State));
    }

    [Fact]
    public void Answers_ThatNoModelGave_AreNotJudged()
    {
        var run = Asked(Use("fast") with { Origin = "scripted" },
            Use("slow") with { Outcome = ModelUse.Failed }, Use("old") with { Origin = "cached" });
        Test(run, null);
        Assert.Equal("t tests_passed tests.run coding here/old 1", Judged(run.State));
    }

    [Theory]
    [InlineData(true, "1")]
    [InlineData(false, "0")]
    public void AHuman_JudgesToo(bool granted, string value)
    {
        var run = Asked(Use("fast"), Use("slow"));
        Test(run, null);
        run.Send(at => new AnswerApproval(at, "g", granted, "key:ana", null));
        Assert.Equal($"""
            t tests_passed tests.run coding here/fast 1
            t tests_passed tests.run coding here/slow 1
            g user_approval key:ana coding here/fast {value}
            g user_approval key:ana coding here/slow {value}
            """, Judged(run.State));
        Assert.Equal(Judged(run.State), Judged(run.Fold()));
    }

    [Fact]
    public void ATimeThatRanOut_SaysNothing()
    {
        var run = Asked(Use("fast"));
        Test(run, "AEGIS2365");
        run.Carry(run.Pending.OfType<RunEffect.WakeAt>().Single());
        Test(run, null);
        run.Carry(run.Pending.OfType<RunEffect.WakeAt>().Last());
        Assert.Equal("t tests_passed tests.run coding here/fast 1", Judged(run.State));
    }

    [Fact]
    public void Judgements_AtTheLimit_AndOnePastIt()
    {
        var run = Asked(Use("fast"));
        var full = run.State with
        {
            Judgements = [.. Enumerable.Range(0, ModelJudgements.CountMax - 1).Select(i => new ModelJudgement(
                $"s{i}", VerdictKind.TestsPassed, "x", "coding", "here", "fast", 1, default))],
        };
        var fact = new Core.Runs.Events.ToolReturned("t", 1, "c", ModelJudgements.Tests, "x", true, 0, null,
            0, 1, null, null, false);
        var one = ModelJudgements.OfTests(full, fact, default);
        Assert.Equal(ModelJudgements.CountMax, one.Judgements.Length);
        Assert.Equal(ModelJudgements.CountMax,
            ModelJudgements.OfTests(one, fact with { StepId = "g" }, default).Judgements.Length);
    }

    private static ModelUse Use(string model) => new("auto", "coding", null, "here", model, "live",
        ModelUse.Answered, new ModelTokens(1, 1), 0, 0, 1);

    private static Simulation Asked(params ModelUse[] uses)
    {
        var run = RunGroupTests.Of(Steps, "");
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0], result: Simulation.Result("idem", true) with { Models = [.. uses] });
        return run;
    }

    private static void Test(Simulation run, string? error)
    {
        run.Carry(run.Pending.OfType<RunEffect.AcquireSlot>().Single());
        var result = Simulation.Result(ModelJudgements.Tests, error is null);
        run.Carry(run.Pending.OfType<RunEffect.Execute>().Single(), result: error is null ? result
            : result with { Error = new AegisError(error, "no") });
    }

    private static string Judged(RunState run) => string.Join('\n', run.Judgements.Select(j =>
        $"{j.StepId} {VerdictWords.Of(j.Kind)} {j.Actor} {j.TaskType} {j.Provider}/{j.Model} {j.Value}"));
}
