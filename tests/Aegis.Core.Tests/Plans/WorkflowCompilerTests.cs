using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Plans;

public sealed class WorkflowCompilerTests
{
    [Theory]
    [InlineData("", "1:1 1003")]
    [InlineData("name: [", "2:1 1003")]
    [InlineData("- a", "1:1 1013")]
    [InlineData("{}", "1:1 1012, 1:1 1012")]
    [InlineData("name: w\nsteps: []", "2:8 1012")]
    [InlineData("name: w\nname: x\nsteps:\n  - {id: a, uses: t}", "2:1 1004")]
    [InlineData("name: w\nstep:\n  - {id: a, uses: t}", "1:1 1012, 2:1 1010")]
    [InlineData("name: 5\nsteps:\n  - {id: a, uses: t}", "1:7 1013")]
    [InlineData("name: w\nlock: x\nfinally: []\nsteps:\n  - {id: a, uses: t, on-retry: [], dedupe_key: k}",
        "2:1 1011, 3:1 1011, 5:22 1011, 5:36 1011")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, foreach: [1], repeat: {until: true, max: 2}}",
        "3:44 1031")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, foreach: {items: [1], as: env}}", "3:48 1020")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, with: {v: '${{ item }}'}}", "3:37 1089")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, foreach: '${{ item }}'}", "3:36 1089")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, repeat: {until: steps.b.ok, max: 2}}", "3:38 1087")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, outputs: {x: '${{ steps.a.outpt }}'}}", "3:40 1087")]
    [InlineData("name: w\noutputs: {x: '${{ steps.b.ok }}'}\nsteps:\n  - {id: a, uses: t}", "2:19 1087")]
    [InlineData("name: w\nconcurrency: '${{ steps.a.ok }}'\nsteps:\n  - {id: a, uses: t}", "2:19 1089")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, foreach: '${{ steps.b.outputs }}', "
        + "with: {cmd: 'x ${{ item }}'}}\n"
        + "  - {id: b, uses: t, needs: []}", "3:36 1088, 3:76 1090")]
    [InlineData("name: w\non: [manual, nightly, manual]\nsteps:\n  - {id: a, uses: t}",
    "2:14 1025, 2:23 1004")]
    [InlineData("name: w\non: []\nsteps:\n  - {id: a, uses: t}", "2:5 1014")]
    [InlineData("name: w\ntimeout: 10 years\nsteps:\n  - {id: a, uses: t}", "2:10 1015")]
    [InlineData("name: w\ntimeout: 0\nsteps:\n  - {id: a, uses: t}", "2:10 1014")]
    [InlineData("name: w\ntimeout: 1s\nsteps:\n  - {id: a, uses: t, timeout: 2s}", "4:31 1029")]
    [InlineData("name: w\npolicy: {allow_commands: ['a $b', 'npm *', 'a; b'], egress_allow: "
        + "['https://x.y', 'X', 'a:99999']}"
        + "\nsteps:\n  - {id: a, uses: t}", "2:27 1143, 2:44 1143, 2:68 1027, 2:83 1027, 2:88 1027")]
    [InlineData("name: w\npolicy: {max_cost_usd: -1, max_time_ms: 0}\nsteps:\n  - {id: a, uses: t}",
    "2:24 1014, 2:41 1014")]
    [InlineData("name: w\nenv: {PATH: x, 1a: y, LD_PRELOAD: z, OK: [1]}\nsteps:\n  - {id: a, uses: t}",
        "2:7 1028, 2:16 1028, 2:23 1028, 2:42 1013")]
    [InlineData("name: w\ninputs: {n: {type: number, default: x}, N: {}, 'a b': {}, j: {type: nmber}}\n"
        + "steps:\n"
        + "  - {id: a, uses: t}", "2:37 1030, 2:41 1021, 2:48 1020, 2:69 1014")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t}\n  - {id: A, uses: t}\n  - {id: '-', uses: t}\n  "
        + "- {uses: t}\n"
        + "  - {id: e}", "4:10 1021, 5:10 1020, 6:5 1012, 7:5 1012")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, needs: [b, c]}\n  - {id: bb, uses: t}",
    "3:30 1022, 3:33 1022")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, needs: a}", "3:29 1023")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, retry: {max: 21, backoff: fast, delay: 2s, "
        + "max_delay: 1s}}",
        "3:35 1014, 3:48 1014, 3:76 1014")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, with: {a: .inf, b: [.nan]}}", "3:32 1014, 3:42 1014")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, with: [1]}", "3:28 1013")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, continue_on_error: yes}", "3:41 1013")]
    [InlineData("name: !x w\nsteps:\n  - {id: a, uses: t}", "1:7 1006")]
    [InlineData("name: w\nsteps:\n  - &s {id: a, uses: t}\n---\nb: 1", "4:1 1006")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, with: {<<: {a: 1}}}", "3:29 1006")]
    [InlineData("name: w\nsteps:\n  - {id: a, uses: t, with: &w {a: *w}}", "3:35 1006")]
    [InlineData("name: \"a\\ud800\"\nsteps:\n  - {id: a, uses: t}", "1:7 1003")]
    public void Compile_WrongFile_NamesEveryError(string yaml, string expected) =>
        Assert.Equal(expected, Compiling.Errors(yaml));

    [Fact]
    public void Compile_ManyErrors_AreShownTogetherWithWhatIsNeededToMendThem()
    {
        var result = Compiling.Compile("name: w\nstep: []\nsteps:\n  - {id: a, uses: shel.exec}\n  - "
            + "{id: b, uses: t, needs: [aa]}",
            ["shell.exec", "t"]);
        Assert.Equal(
            [
                new Diagnostic(new SourceSpan("w.yaml", 2, 1),
                    new AegisError("AEGIS1010", "step is no key of a workflow",
                    "name, on, policy, inputs, env, defaults, timeout, steps, outputs, sla, concurrency, "
                        + "dedupe_key", "step",
                    "did you mean steps?")),
                new Diagnostic(new SourceSpan("w.yaml", 4, 19),
                    new AegisError("AEGIS1024", "there is no tool shel.exec",
                    "shell.exec, t", "shel.exec", "did you mean shell.exec?")),
                new Diagnostic(new SourceSpan("w.yaml", 5, 30),
                    new AegisError("AEGIS1022", "there is no step aa",
                    "a step's id", "aa", "did you mean a?")),
            ],
            result.Diagnostics.ToArray());
    }

    [Fact]
    public void Compile_EveryKey_ReachesThePlan()
    {
        var plan = Compiling.Plan(Compiling.Sample("every-key.yaml"));
        var task = plan.Tasks[1];
        Assert.Equal(
            "manual, github:push, github:pull_request.opened, schedule, workflow_completed",
            string.Join(", ", plan.On.Select(t => t.Name)));
        Assert.Equal(TimeSpan.FromHours(2), plan.Timeout);
        Assert.Equal((TimeSpan?)TimeSpan.FromMinutes(90), plan.Policy.MaxTime);
        Assert.Equal(
            [("who", InputType.String, true, null, "Whom to greet"),
                ("count", InputType.Number, false, "3", null),
                ("loud", InputType.Boolean, false, "false", null),
                    ("extra", InputType.Json, false, "{\"a\":[1,2.5]}", null)],
            plan.Inputs.Select(i => (i.Name, i.Type, i.Required, i.Default?.GetRawText(), i.Description)));
        Assert.Equal(new RetrySpec(2, BackoffKind.Linear, TimeSpan.FromSeconds(1.5),
            TimeSpan.FromMinutes(1)), plan.Tasks[0].Retry);
        Assert.Equal(new RetrySpec(5, BackoffKind.Linear, TimeSpan.FromMilliseconds(250),
            TimeSpan.FromMinutes(1)), task.Retry);
        Assert.Equal((TimeSpan?)TimeSpan.FromMinutes(10), plan.Tasks[0].Timeout);
        Assert.Equal((TimeSpan?)TimeSpan.FromMilliseconds(1500), task.Timeout);
        Assert.Equal(["A=1.10", "B=step", "C=${inputs.who}"], task.Env.Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal(("always()", true, false), (task.If, task.ContinueOnError, task.WithIsConstant));
        Assert.Equal(
            """
            {"n":1800000,"t":true,"s":"x","q":"5","z":null,"f":2.5,"h":255,"o":15,"on":"on",
            "list":[1,"a"],"lines":"a\nb\n"}
            """.Replace("\n", "", StringComparison.Ordinal),
            task.With.GetRawText());
    }

    [Fact]
    public void Compile_ForwardNeeds_AreOrderedAndStable()
    {
        var plan = Compiling.Plan("name: w\nsteps:\n  - {id: a, uses: t, needs: [d]}\n  - {id: b, uses: "
            + "t, needs: []}\n"
            + "  - {id: c, uses: t}\n  - {id: d, uses: t, needs: [b, b]}\n  - {id: e, uses: t, needs: "
            + "[a, c]}");
        Assert.Equal(["0 b []", "1 c [0]", "2 d [0]", "3 a [2]", "4 e [1,3]"],
            plan.Tasks.Select(t => $"{t.Index} {t.StepId} [{string.Join(',', t.Needs)}]"));
    }

    [Fact]
    public void Compile_Cycle_NamesItsPathAndTheImpliedNeed()
    {
        var result = Compiling.Compile("name: w\nsteps:\n  - {id: a, uses: t, needs: [c]}\n  - {id: b, "
            + "uses: t}\n  - {id: c, uses: t}");
        Assert.Equal(
            new Diagnostic(new SourceSpan("w.yaml", 3, 29),
                new AegisError("AEGIS1023", "steps need each other in a circle",
                "no step that needs itself", "a → c → b → a",
                "c has no needs, so it needs the step above; write needs: [] there")),
            Assert.Single(result.Diagnostics));
    }

    [Fact]
    public void Compile_ConstantWith_IsShownToTheToolAndItsErrorKeepsItsPlace()
    {
        var seen = new List<string>();
        var error = new AegisError("AEGIS2001", "bad");
        var result = Compiling.Compile("name: w\nsteps:\n  - id: a\n    uses: t\n    with: {x: 1}\n  - "
            + "id: b\n    uses: t\n"
            + "    with:\n      x: ${{ steps.a.output }}\n  - {id: c, uses: t}", null, (tool, with) =>
        {
            seen.Add($"{tool} {with.GetRawText()}");
            return with.TryGetProperty("x", out _) ? error : null;
        });
        Assert.Equal(["t {\"x\":1}", "t {}"], seen);
        Assert.Equal(new Diagnostic(new SourceSpan("w.yaml", 5, 11), error),
            Assert.Single(result.Diagnostics));
    }

    [Fact]
    public void WithCheckout_PutsACloneBeforeTheRoots()
    {
        var plan = Compiling.Plan("name: w\nsteps:\n  - {id: a, uses: t}\n  - {id: b, uses: t, needs: "
            + "[]}\n  - {id: c, uses: t}");
        var checkedOut = plan.WithCheckout();
        Assert.Equal(["0 checkout git.clone []", "1 a t [0]", "2 b t [0]", "3 c t [2]"],
            checkedOut.Tasks.Select(t => $"{t.Index} {t.StepId} {t.Tool} [{string.Join(',', t.Needs)}]"));
        Assert.Equal("{}", checkedOut.Tasks[0].With.GetRawText());
        Assert.Same(checkedOut, checkedOut.WithCheckout());
        Assert.Same(plan.Tasks[1].Env, checkedOut.Tasks[2].Env);
    }

    [Theory]
    [InlineData("checkout", "t")]
    [InlineData("a", "git.clone")]
    public void WithCheckout_WorkflowThatChecksOut_IsReturnedAsItIs(string id, string tool)
    {
        var plan = Compiling.Plan($"name: w\nsteps:\n  - {{id: {id}, uses: {tool}}}");
        Assert.Same(plan, plan.WithCheckout());
    }
}
