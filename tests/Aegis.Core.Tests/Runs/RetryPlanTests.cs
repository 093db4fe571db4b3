using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Retries;

namespace Aegis.Core.Tests.Runs;

public sealed class RetryPlanTests
{
    private const string Steps = """
        - { id: a, uses: idem, with: { value: "${{ inputs.x }}" } }
        - { id: b, uses: idem, needs: [], continue_on_error: true }
        - { id: s, uses: idem, needs: [a], if: inputs.x == 'never' }
        - { id: g, uses: idem, needs: [b], foreach: [1, 2] }
        - { id: c, uses: idem, needs: [a, s] }
        - { id: d, uses: idem, needs: [c, g] }
        """;

    private const string Header = "inputs: { x: { default: one }, y: { default: two } }\n";

    [Fact]
    public void Default_RunsWhatFailedAndWhatStandsOnIt()
    {
        var before = Broken();
        Assert.Equal(["a", "b", "s", "g"], Reused(before, before.State.Start, []));
        Assert.Equal("failure", Result(before, before.State.Start, []).Reused[1].Outcome);
        Assert.Equal("skipped", Result(before, before.State.Start, []).Reused[2].Outcome);
    }

    [Fact]
    public void From_NamesTheSteps_ATaskOfAGroupItsGroup()
    {
        var before = Broken();
        Assert.Equal(["a", "b", "s"], Reused(before, before.State.Start, ["g.1", "c"]));
        Assert.Equal(["b", "g"], Reused(before, before.State.Start, ["a"]));
        Assert.Equal("AEGIS5060", Result(before, before.State.Start, ["nobody"]).Error!.Code);
    }

    [Fact]
    public void EditedInput_MakesTheTaskRunThatWasAskedWithIt()
    {
        var before = Broken();
        var x = before.State.Start with { Inputs = JsonElement.Parse("""{"x":"three","y":"two"}""") };
        Assert.Equal(["b", "g"], Reused(before, x, []));
        var y = before.State.Start with { Inputs = JsonElement.Parse("""{"x":"one","y":"three"}""") };
        Assert.Equal(["a", "b", "s", "g"], Reused(before, y, []));
    }

    [Fact]
    public void EditedStep_RunsWithItsOtherInput()
    {
        var before = Broken();
        var started = before.State.Start with
        {
            RunId = "run_2", With = JsonElement.Parse("""{"a":{"value":"other"}}"""),
        };
        var result = Result(before, started, []);
        Assert.Equal(["b", "g"], result.Reused.Select(r => r.StepId));
        var run = new Simulation(RunGroupTests.Of(Steps, Header).State.Graph, started, result);
        run.CarryAll();
        Assert.Equal("other", run.Facts.Select(f => f.Fact).OfType<TaskStarted>().First(t => t.StepId == "a")
            .Input!.Value.GetProperty("value").GetString());
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
    }

    [Fact]
    public void NothingFailed_AsksForAStep()
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem }");
        run.CarryAll();
        Assert.Equal("AEGIS5061", Result(run, run.State.Start, []).Error!.Code);
        Assert.Empty(Reused(run, run.State.Start, ["a"]));
    }

    [Theory]
    [InlineData("[]", "AEGIS5062")]
    [InlineData("""{"a":1}""", "AEGIS5062")]
    [InlineData("""{"a":{"cmd":"${{ context.pr }}"}}""", "AEGIS5062")]
    [InlineData("""{"a":{"cmd":"ls"}}""", null)]
    public void Overrides_AreValuesOfSteps(string with, string? code) =>
        Assert.Equal(code, StepOverrides.Check(JsonElement.Parse(with))?.Code);

    [Fact]
    public void Overrides_AtTheLimitAndOnePast()
    {
        const string Bare = """{"a":{"v":""}}""";
        static JsonElement Of(int chars) => JsonElement.Parse(
            Bare.Replace("\"\"", $"\"{new string('x', chars - Bare.Length)}\"", StringComparison.Ordinal));
        Assert.Null(StepOverrides.Check(Of(StepOverrides.CharsMax)));
        Assert.Equal("AEGIS5062", StepOverrides.Check(Of(StepOverrides.CharsMax + 1))?.Code);
    }

    // b fails and may; c fails
    private static Simulation Broken()
    {
        var run = new Simulation(RunGroupTests.Of(Steps, Header).State.Graph,
            inputs: JsonElement.Parse("""{"x":"one","y":"two"}"""));
        var broken = new[] { "b", "c" }.Select(s => run.State.Graph.IndexOf(s)!.Value).ToHashSet();
        run.CarryAll(e => e is not RunEffect.Execute execute || !broken.Contains(execute.Index));
        Assert.Equal(RunStatus.Failed, run.State.Status);
        return run;
    }

    private static RetryResult Result(Simulation before, RunStarted started, ImmutableArray<string> from) =>
        RetryPlan.Make(before.State, started, from);

    private static IEnumerable<string> Reused(Simulation before, RunStarted started,
        ImmutableArray<string> from) => Result(before, started, from).Reused.Select(r => r.StepId);
}
