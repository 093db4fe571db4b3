using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

/// <summary>Steps that stand for several tasks, from the file to the last fact.</summary>
public sealed class RunGroupTests
{
    [Fact]
    public void Foreach_OfThreeItems_IsThreeTasksAndOneEnd()
    {
        var run = Of("""
            - { id: build, uses: idem, foreach: [a, b, c], with: { value: "${{ item }}-${{ index }}" } }
            - { id: after, uses: pure }
            """);
        Assert.Equal(3, run.Pending.Count);
        var inputs = new List<string>();
        while (run.Pending.Count > 0)
        {
            if (run.Pending[0] is RunEffect.Execute { Index: > 1 } execute)
            {
                inputs.Add(execute.Input.GetProperty("value").GetString()!);
                Assert.NotEqual("succeeded", run.StatusOf("after"));
            }
            run.Carry(run.Pending[0], result: Left("""{"n":1}"""));
        }
        Assert.Equal(["a-0", "b-1", "c-2"], inputs);
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
        Assert.Equal("""[{"n":1},{"n":1},{"n":1}]""", run.State.Tasks[0].Outputs!.Value.GetRawText());
        Assert.Equal(["build", "after", "build.0", "build.1", "build.2"],
            run.State.Plan.Tasks.Select(t => t.StepId));
    }

    [Fact]
    public void Foreach_WithANameForItsItems_IsReadByIt()
    {
        var run = Of("""
            - id: b
              uses: idem
              foreach: { items: [{ p: x }], as: file }
              with: { value: "${{ file.p }}${{ item.p }}" }
            """);
        run.Carry(run.Pending[0]);
        Assert.Equal("xx", ((RunEffect.Execute)run.Pending[0]).Input.GetProperty("value").GetString());
    }

    [Fact]
    public void Foreach_WithANameForItsItems_IsReadByTheShortFormToo_ButNeverInCmd()
    {
        var run = Of("""
            - id: b
              uses: idem
              foreach: { items: [{ p: [x, 2] }], as: file }
              env: { NAME: "${file.p[0]}", HOME_: "${HOME}${File.p}" }
              lock: "on-${file.p[0]}"
              with: { deep: [{ value: "a ${file.p[0]}} ${{ file.p[1] }} ${files}" }], all: "${file}",
                cmd: "${file.p}" }
              outputs: { n: "${file.p[1]}" }
            """);
        var locks = Assert.IsType<RunEffect.AcquireLocks>(run.Pending[0]);
        Assert.Equal("on-x", Assert.Single(locks.Names));
        run.Carry(locks);
        run.Carry(run.Pending[0]);
        var act = Assert.IsType<RunEffect.Execute>(run.Pending[0]);
        Assert.Equal("""{"deep":[{"value":"a x} 2 ${files}"}],"all":{"p":["x",2]},"cmd":"${file.p}"}""",
            act.Input.GetRawText());
        Assert.Equal("HOME_=${HOME}${File.p} NAME=x",
            string.Join(' ', act.Env.Select(v => $"{v.Key}={v.Value}")));
        run.Carry(act);
        Assert.Equal("""[{"n":2}]""", run.State.Tasks[0].Outputs!.Value.GetRawText());
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("continue_on_error: true", """[{"n":1},null,{"code":3},{"n":1}]""")]
    public void Foreach_ThatFailedAndGoesOn_HasWhatItsItemsLeft(string option, string? outputs)
    {
        var run = Of($$$"""
            - id: b
              uses: idem
              {{{option}}}
              foreach: [w, x, y, z]
            - id: after
              uses: idem
              if: always()
              with: { all: "${{ steps.b.outputs }}", b: "${{ steps.b.outcome }}" }
            """);
        JsonElement? after = null;
        while (run.Pending.Count > 0)
        {
            if (run.Pending[0] is RunEffect.Execute { Index: 1 } last)
            {
                after = last.Input;
            }
            run.Carry(run.Pending[0], result: run.Pending[0] switch
            {
                RunEffect.Execute { Index: 3 } => Simulation.Result("idem", false),
                RunEffect.Execute { Index: 4 } => Left("""{"code":3}""") with
                {
                    Ok = false, Error = new AegisError("AEGIS9999", "broke"),
                },
                _ => Left("""{"n":1}"""),
            });
        }
        Assert.Equal("failed", run.StatusOf("b"));
        Assert.Equal($$"""{"all":{{outputs ?? "null"}},"b":"failure"}""", after!.Value.GetRawText());
    }

    [Theory]
    [InlineData(Groups.OutputsBytesMax, true)]
    [InlineData(Groups.OutputsBytesMax + 1, false)]
    public void Foreach_ThatFailedAndGoesOn_KeepsOutputsUpToTheLimit(int bytes, bool kept)
    {
        const string Frame = """["",null]""";
        var run = Of("- { id: b, uses: idem, continue_on_error: true, foreach: [x, y] }");
        while (run.Pending.Count > 0)
        {
            run.Carry(run.Pending[0], result: run.Pending[0] is RunEffect.Execute { Index: 2 }
                ? Simulation.Result("idem", false)
                : Left($"\"{new string('a', bytes - Frame.Length)}\""));
        }
        Assert.Equal((RunStatus.Succeeded, kept),
            (run.State.Status, run.State.Tasks[0].Outputs is not null));
    }

    [Theory]
    [InlineData("foreach: [a, b]", "[{\"raw\":7,\"n\":7},{\"raw\":7,\"n\":7}]")]
    [InlineData("repeat: { until: steps.count.outputs.n == 7, max: 2 }", "{\"raw\":7,\"n\":7}")]
    public void Outputs_OfAnItemOrAnIteration_SeeItsOwnResult(string group, string outputs)
    {
        var run = Of($$$"""
            - id: count
              uses: idem
              {{{group}}}
              outputs: { n: { value: "${{ steps.count.outputs.raw }}", type: number } }
            """);
        while (run.Pending.Count > 0)
        {
            run.Carry(run.Pending[0], result: Left("""{"raw":7}"""));
        }
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
        Assert.Equal(outputs, run.State.Tasks[0].Outputs!.Value.GetRawText());
    }

    [Fact]
    public void Foreach_WithParallelTwo_HasNeverMoreUnderWay()
    {
        var run = Of("- { id: b, uses: idem, foreach: { items: [1, 2, 3, 4, 5], parallel: 2 } }");
        for (var most = 0; run.Pending.Count > 0; most = Math.Max(most, UnderWay(run)))
        {
            Assert.InRange(UnderWay(run), 0, 2);
            run.Carry(run.Pending[^1]);
        }
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
    }

    [Fact]
    public void Foreach_WithParallel_GoesOnAfterACrashWithNoneTwice()
    {
        var run = Of("- { id: b, uses: idem, foreach: { items: [1, 2, 3, 4, 5], parallel: 2 } }");
        run.Carry(run.Pending[0]);
        run.Crash();
        Assert.Equal(2, run.Pending.Count);
        run.CarryAll();
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
        Assert.Equal(5, run.Facts.Count(f => f.Fact is TaskCompleted { StepId: not "b" }));
    }

    [Theory]
    [InlineData("", new[] { "failed", "succeeded", "skipped", "skipped" }, "failed")]
    [InlineData(", continue_on_error: true", new[] { "failed", "succeeded", "succeeded", "succeeded" },
        "succeeded")]
    public void Foreach_WhenAnItemFails_SkipsTheRestUnlessItGoesOn(string more, string[] items, string run)
    {
        var simulation = Of("- { id: b, uses: idem, foreach: { items: [1, 2, 3, 4], parallel: 2 }" + more
            + " }");
        simulation.CarryAll(e => e is not RunEffect.Execute { Index: 1 });
        Assert.Equal(items, Enumerable.Range(0, 4).Select(i => simulation.StatusOf($"b.{i}")));
        Assert.Equal(("failed", run), (simulation.StatusOf("b"), TaskStatusText.Of(simulation.State)));
        Assert.Equal("b.0: broke", simulation.State.Tasks[0].Error!.Message);
    }

    [Fact]
    public void Foreach_OfNothing_SucceedsAtOnce()
    {
        var run = Of("""
            - { id: b, uses: idem, foreach: [] }
            - { id: after, uses: pure, with: { value: "${{ toJSON(steps.b.outputs) }}" } }
            """);
        run.CarryAll();
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
    }

    [Theory]
    [InlineData("${{ inputs.list }}", "AEGIS5033")]
    [InlineData("${{ fromJSON('[1,') }}", "AEGIS1093")]
    public void Foreach_OfNoArray_FailsTheStep(string items, string code)
    {
        var run = Of($$"""- { id: b, uses: idem, foreach: "{{items}}" }""",
            "inputs: { list: { default: x } }\n");
        Assert.Equal(code, run.State.Tasks[0].Error!.Code);
        Assert.Equal(RunStatus.Failed, run.State.Status);
    }

    [Theory]
    [InlineData(Groups10K - 1, null)]
    [InlineData(Groups10K, "AEGIS5034")]
    public void Foreach_AtTheLimitOfTasksAndOnePast(int count, string? code)
    {
        var items = string.Join(",", Enumerable.Range(0, count));
        var run = Of($"- {{ id: b, uses: pure, foreach: \"${{{{ fromJSON(inputs.list) }}}}\" }}",
            $"inputs: {{ list: {{ default: \"[{items}]\" }} }}\n");
        Assert.Equal(code, run.State.Tasks[0].Error?.Code);
    }

    /// <summary>Around the letters stand the 19 characters of <c>[{"a":""},{"a":""}]</c>.</summary>
    [Theory]
    [InlineData(Groups.OutputsBytesMax - 19, null)]
    [InlineData(Groups.OutputsBytesMax - 18, "AEGIS5032")]
    public void Foreach_OutputsAtTheLimitAndOnePast(int letters, string? code)
    {
        var run = Of("- { id: b, uses: idem, foreach: [1, 2] }");
        foreach (var text in new[] { new string('x', letters), "" })
        {
            run.Carry(run.Pending.OfType<RunEffect.AcquireSlot>().First());
            run.Carry(run.Pending.OfType<RunEffect.Execute>().Single(),
                result: Left(JsonSerializer.Serialize(new { a = text })));
        }
        Assert.Equal(code, run.State.Tasks[0].Error?.Code);
    }

    [Theory]
    [InlineData(Replans.AffectedMax, Replans.AffectedMax)]
    [InlineData(Replans.AffectedMax + 1, Replans.AffectedMax)]
    public void Replan_NamesNoMoreStepsThanItsLimit(int dependents, int named)
    {
        var steps = Enumerable.Range(0, dependents).Select(i => $"- {{ id: s{i}, uses: pure, needs: [a] }}");
        var run = Of("- { id: a, uses: idem }\n" + string.Join('\n', steps));
        run.CarryAll(e => e is not RunEffect.Execute);
        Assert.Equal(named, run.Facts.Select(f => f.Fact).OfType<ReplanRequired>().Single().Affected.Length);
    }

    [Fact]
    public void Repeat_UntilItsConditionHolds_SeesItsOwnResult()
    {
        var run = Of("""
            - id: poll
              uses: idem
              repeat: { until: "steps.poll.outputs.n == 3", max: 5, delay: 10s }
            - { id: after, uses: pure, with: { value: "${{ steps.poll.outputs.n }}" } }
            """);
        var n = 0;
        while (run.Pending.Count > 0)
        {
            n += run.Pending[0] is RunEffect.Execute { Index: not 1 } ? 1 : 0;
            run.Carry(run.Pending[0], result: Left($$"""{"n":{{n}}}"""));
        }
        Assert.Equal((RunStatus.Succeeded, 3), (run.State.Status, n));
        Assert.Equal(2, run.Facts.Count(f => f.Fact is RepeatContinued { NotBefore: not null }));
    }

    [Fact]
    public void Repeat_WhoseConditionNeverHolds_FailsAtItsMaximum()
    {
        var run = Of("- { id: poll, uses: idem, repeat: { until: false, max: 3 } }");
        run.CarryAll();
        Assert.Equal("AEGIS5031", run.State.Tasks[0].Error!.Code);
        Assert.Equal(3, run.Facts.Count(f => f.Fact is TaskStarted));
    }

    [Fact]
    public void AddedSteps_RunBeforeWhatNeedsTheStep_AndSeeItsResult()
    {
        var run = Of("""
            - { id: plan, uses: idem }
            - { id: report, uses: pure, with: { value: "${{ steps.plan.output }}" } }
            """);
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0], result: Left("{}") with
        {
            AddedSteps = JsonElement.Parse("""
                [{"id":"one","uses":"idem"},{"id":"two","uses":"idem","needs":[]},
                 {"id":"three","uses":"pure","needs":["one","two"]}]
                """),
        });
        Assert.Equal("expanded", run.StatusOf("plan"));
        Assert.Equal(2, run.Pending.Count);
        Assert.Equal("waiting", run.StatusOf("report"));
        run.Crash();
        run.CarryAll();
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
        Assert.Equal(["three", "plan", "report"], run.Facts.Select(f => f.Fact).OfType<TaskCompleted>()
            .Select(e => e.StepId).TakeLast(3));
    }

    [Theory]
    [InlineData("""[{"id":"plan","uses":"idem"}]""", "AEGIS1021")]
    [InlineData("""[{"id":"x","uses":"idem","needs":["nobody"]}]""", "AEGIS1022")]
    [InlineData("""[{"id":"x","uses":"idem","with":{"v":"${{ steps.report.output }}"}}]""", "AEGIS1087")]
    [InlineData("""{"id":"x"}""", "AEGIS1013")]
    public void AddedSteps_ThatAreNone_FailTheStepWithEveryError(string steps, string code)
    {
        var run = Of("""
            - { id: plan, uses: idem }
            - { id: report, uses: pure }
            """);
        run.Carry(run.Pending[0]);
        run.Carry(run.Pending[0], result: Left("{}") with { AddedSteps = JsonElement.Parse(steps) });
        Assert.Equal("AEGIS5039", run.State.Tasks[0].Error!.Code);
        Assert.Contains(code, run.State.Tasks[0].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancel_OfARunWithGroups_EndsEveryTask()
    {
        var run = Of("""
            - { id: b, uses: idem, foreach: { items: [1, 2, 3], parallel: 1 } }
            - { id: r, uses: idem, needs: [], repeat: { until: false, max: 3, delay: 1h } }
            - { id: a, uses: idem, needs: [], approve: sure? }
            """);
        run.Send(at => new CancelRun(at, "key:x", null));
        run.CarryAll();
        Assert.Equal(RunStatus.Cancelled, run.State.Status);
        Assert.All(Enumerable.Range(0, run.State.Tasks.Count), i => Assert.True(run.State.Tasks[i].Ended));
    }

    private const int Groups10K = 10_000;

    private static int UnderWay(Simulation run) => run.Pending.Count;

    private static AttemptResult Left(string outputs) =>
        Simulation.Result("idem", true) with { Outputs = JsonElement.Parse(outputs) };

    internal static string Yaml(string steps, string header) => "name: t\n" + header + "steps:\n"
        + string.Join('\n', steps.Split('\n').Select(l => "  " + l));

    internal static Simulation Of(
        string steps, string header = "", bool freeze = false, int? maxAgents = null)
    {
        var compiled = WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(Yaml(steps, header)), "t.yaml");
        Assert.True(compiled.Ok, string.Join('\n', compiled.Diagnostics));
        var inputs = PlanInputs.Bind(compiled.Plan!.Inputs, null);
        return new Simulation(new PlanGraph(compiled.Plan), freeze, inputs.Value, maxAgents);
    }
}
