using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Tests.Runs;

/// <summary>Recorded runs of every feature. Today's code must fold them to the same state, and come to the
/// same facts when the same things happen. A behaviour that changes on purpose needs a flag in RunStarted and
/// a new history; the old one stays.</summary>
public sealed class GoldenHistoryTests
{
    private static readonly Dictionary<string, (string Steps, string Header,
        Action<Simulation> Play)> Scenes = new()
    {
        ["chain-retry-skip"] = ("""
            - { id: a, uses: idem, retry: 1 }
            - { id: b, uses: idem, continue_on_error: true }
            - { id: c, uses: pure, if: failure() }
            - { id: d, uses: pure, needs: [a] }
            """, "", run =>
            {
                var failures = 1;
                run.CarryAll(e => e is not RunEffect.Execute { Index: 1 }
                    && (e is not RunEffect.Execute { Index: 0 } || failures-- <= 0));
            }),
        ["crash-recovery"] = ("""
            - { id: a, uses: probe }
            - { id: b, uses: once, needs: [] }
            - { id: c, uses: idem, needs: [a, b] }
            """, "", run =>
            {
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0]);
                run.Crash();
                run.CarryAll();
                run.Crash();
                run.CarryAll();
            }),
        ["foreach"] = ("""
            - id: b
              uses: idem
              foreach: { items: [x, { y: 1 }], parallel: 1, as: it }
              with: { value: "${{ it }}" }
              outputs: { n: "${{ index }}" }
            """, "outputs: { all: \"${{ join(steps.b.outputs.*.n, '-') }}\" }\n", run => run.CarryAll()),
        ["foreach-failed-item"] = (
            "- { id: b, uses: idem, foreach: { items: [1, 2, 3], parallel: 1 } }", "",
            run => run.CarryAll(e => e is not RunEffect.Execute { Index: 2 })),
        ["foreach-goes-on"] = ("""
            - id: b
              uses: idem
              continue_on_error: true
              foreach: { items: [{ p: x }, { p: y }, { p: z }], as: file }
              with: { value: "${file.p}", cmd: "${file.p}" }
              outputs: { name: "${file.p}" }
            - { id: c, uses: pure, with: { all: "${{ steps.b.outputs }}" } }
            """, "", run => run.CarryAll(e => e is not RunEffect.Execute { Index: 3 })),
        ["repeat"] = ("- { id: r, uses: idem, repeat: { until: index == 2, max: 5, delay: 1m } }", "",
            run => run.CarryAll()),
        ["added-steps"] = ("""
            - { id: plan, uses: idem }
            - { id: last, uses: pure }
            """, "", run =>
            {
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Result("idem", true) with
                {
                    AddedSteps = JsonElement.Parse("""[{"id":"x","uses":"idem","foreach":[1,2]}]"""),
                });
                run.CarryAll();
            }),
        ["added-steps-failed"] = ("""
            - { id: plan, uses: idem, continue_on_error: true }
            - { id: last, uses: pure, with: { all: "${{ steps.plan.outputs }}" } }
            """, "", run =>
            {
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Result("idem", true) with
                {
                    AddedSteps = JsonElement.Parse("""[{"id":"x","uses":"idem"},{"id":"y","uses":"idem"},"""
                        + """{"id":"z","uses":"idem","needs":[]}]"""),
                });
                run.CarryAll(e => e is not RunEffect.Execute { Index: 2 });
            }),
        ["approval-granted-denied"] = ("""
            - { id: a, uses: idem, approve: sure? }
            - { id: b, uses: idem, approve: { timeout: 1h } }
            """, "", run =>
            {
                run.Send(at => new AnswerApproval(at, "a", true, "key:ana", "yes"));
                run.CarryAll();
            }),
        ["approval-queues"] = ("""
            - { id: a, uses: idem, approve: { topic: help, message: how? } }
            - { id: b, uses: idem, needs: [], approve: true }
            - { id: c, uses: idem, needs: [] }
            """, "", run =>
            {
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Asking(run.Pending[0]));
                run.Send(at => new AnswerApproval(at, "a", true, "key:ana", "a sum", "release"));
                run.Send(at => new AnswerApproval(at, "a", true, "key:ana", "a sum", "support"));
                run.Send(at => new AnswerApproval(at, "b", false, "key:ana", null));
                run.Send(at => new AnswerApproval(at, "c", true, "key:ana", null, "release"));
                run.CarryAll();
            }),
        ["gate-asks"] = ("""
            - { id: a, uses: idem, lock: x, retry: 1, with: { cmd: git push --force } }
            - { id: b, uses: idem, if: failure() }
            """, "", run =>
            {
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Asking(run.Pending[0]));
                run.CarryAll();
                run.Send(at => new AnswerApproval(at, "a", true, "key:ana", "do it"));
                run.CarryAll(e => e is not RunEffect.Execute { Attempt: 2 });
            }),
        ["gate-asks-policy"] = (
            "- { id: a, uses: idem, retry: 1, with: { cmd: git push --force } }", "", run =>
        {
            // a newer policy asks again about the same call
            run.Carry(run.Pending[0]);
            run.Carry(run.Pending[0], result: Simulation.Asking(run.Pending[0], policy: "1"));
            run.Send(at => new AnswerApproval(at, "a", true, "key:ana", "do it"));
            run.Carry(run.Pending[0]);
            run.Carry(run.Pending[0], result: Simulation.Asking(run.Pending[0], policy: "2"));
            run.Send(at => new AnswerApproval(at, "a", true, "key:ana", "again"));
            run.CarryAll();
        }),
        ["locks-pause-sla"] = ("""
            - { id: a, uses: idem, lock: [x, y], sla: 1ms }
            - { id: b, uses: idem }
            """, "sla: 1ms\n", run =>
            {
                run.Carry(run.Pending[0]);
                run.Send(at => new PauseRun(at, "key:ana", "lunch"));
                run.CarryAll();
                run.Send(at => new RunDue(at));
                run.Send(at => new ResumeRun(at, "key:ana"));
                run.CarryAll();
            }),
        ["locks-refused"] = ("""
            - { id: a, uses: idem, lock: x, retry: 3 }
            - { id: b, uses: idem }
            """, "", run =>
            {
                run.Send(at => new LocksRefused(at, 0, ["x"], new AegisError("AEGIS5059", "held above")));
                run.Send(at => new LocksGranted(at, 0, ["x"]));
                run.CarryAll();
            }),
        ["contract-replan"] = ("""
            - { id: a, uses: idem, outputs: { n: { value: "${{ steps.a.output }}", type: number } } }
            - { id: b, uses: pure }
            """, "", run => run.CarryAll()),
        ["agent-turns"] = ("""
            - { id: a, uses: agent, retry: { max: 1, delay: 1s },
                outputs: { r: "${{ steps.a.outputs.reply }}" } }
            - { id: b, uses: agent, needs: [], foreach: { items: [x, y], as: it },
                with: { n: "${{ it }}-${{ index }}" } }
            - { id: c, uses: pure, needs: [a, b], with: { value: "${{ steps.a.outputs.r }}" } }
            """, "policy: { max_agents: 1, max_cost_usd: 9 }\n", TurnPlay.Play),
        ["agents-of-profile"] = (string.Join('\n', "abcde".Select(Agent)), "",
            run => TurnPlay.AtOnce(run, 4)),
        ["agents-under-profile"] = (string.Join('\n', "abcd".Select(Agent)), "policy: { max_agents: 3 }\n",
            run => TurnPlay.AtOnce(run, 2)),
        ["artifacts"] = ("""
            - { id: a, uses: idem, retry: 1 }
            - { id: b, uses: idem }
            """, "", run =>
            {
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Result("idem", false) with
                {
                    Artifacts = [Version(1)],
                });
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Result("idem", true) with
                {
                    Artifacts = [Version(1), Version(2)],
                });
                run.CarryAll();
            }),
        ["patches"] = ("- { id: a, uses: idem }", "", run =>
        {
            run.Carry(run.Pending[0]);
            run.Carry(run.Pending[0], result: Simulation.Result("idem", true) with
            {
                Patches =
                [
                    new(PatchStage.Proposed, "1", "src/a.py", 3, "rounds the wrong way", 0.4),
                    new(PatchStage.Applied, "1", "src/a.py", 4, "indentation", null, "00ff"),
                    new(PatchStage.RolledBack, "1", "src/a.py", 4, "test_total does not pass any more"),
                    new(PatchStage.Proposed, "2", "src/b.py", 1, "off by one"),
                    new(PatchStage.Applied, "2", "src/b.py", 1, "exact", null, "00aa"),
                ],
            });
            run.CarryAll();
        }),
        ["models"] = ("- { id: a, uses: idem }\n- { id: t, uses: idem }\n"
            + "- { id: g, uses: idem, approve: 'go?' }", "", run =>
        {
            run.Carry(run.Pending[0]);
            run.Carry(run.Pending[0], result: Simulation.Result("idem", true, 0.000000000003m) with
            {
                Models = [Asked("fast", "live", 0.000000000001m), Asked("fast", "live", 0.000000000002m),
                    Asked("slow", "scripted", 0)],
            });
            run.Carry(run.Pending[0]);
            run.Carry(run.Pending[0], result: Simulation.Result(ModelJudgements.Tests, true));
            run.Send(at => new AnswerApproval(at, "g", true, "key:ana", "it reads well"));
            run.CarryAll();
        }),
        ["egress"] = ("- { id: a, uses: idem }", "policy: { egress_allow: [a.example] }\n", run =>
        {
            run.Carry(run.Pending[0]);
            run.Carry(run.Pending[0], result: Simulation.Result("idem", true) with
            {
                Egress =
                [
                    new EgressFact("a.example", 443, "CONNECT", "a.example", null, 3, 1200, 34000),
                    new EgressFact("b.example", 80, "GET", null, "AEGIS2161", 1, 0, 0),
                ],
            });
            run.CarryAll();
        }),
        ["child-run"] = ("""
            - { id: a, uses: child, retry: { max: 1, delay: 1s, on: failure }, timeout: 1h,
                outputs: { m: "${{ steps.a.outputs.n }}" } }
            - { id: b, uses: child, foreach: [1, 2] }
            - { id: c, uses: pure, with: { value: "${{ steps.a.output }}" } }
            """, "policy: { max_cost_usd: 5 }\n", run =>
            {
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending.OfType<RunEffect.StartChild>().First(), ok: false);
                run.Carry(run.Pending.OfType<RunEffect.WakeAt>().First(
                    w => w.At < run.Facts[0].At.AddMinutes(9)));
                run.Carry(run.Pending.OfType<RunEffect.Execute>().First());
                run.Send(at => new ChildSpent(at, 0, run.State.Tasks[0].Child!.RunId, 1));
                run.Send(at => new PauseRun(at, "key:ana", null));
                run.Crash();
                run.Send(at => new ResumeRun(at, "key:ana"));
                run.Carry(run.Pending.OfType<RunEffect.StartChild>().First(), cost: 2);
                run.CarryAll();
            }),
        ["hash-files"] = ("""
            - { id: a, uses: idem, if: "hashFiles('lock') != ''" }
            - { id: b, uses: idem, with: { key: "${{ hashFiles('a', '!b') }}-${{ hashFiles('lock') }}" },
                outputs: { k: "${{ hashFiles('out') }}" } }
            - { id: c, uses: pure, foreach: [x, y], env: { H: "${{ hashFiles(item) }}" } }
            """, "", run =>
            {
                run.Crash();
                run.Carry(run.Pending.OfType<RunEffect.HashFiles>().First());
                run.Crash();
                while (run.Pending.Count > 0)
                {
                    var next = run.Pending[0];
                    run.Carry(next, result: next is not RunEffect.Execute { Index: 1 } ? null
                        : Simulation.Result("idem", true) with
                        {
                            FileHashes = [new FileHashFact(["out"], "hash of what it left")],
                        });
                }
            }),
        ["retry-on"] = ("""
            - { id: a, uses: idem, retry: { max: 3, delay: 1s, on: [timeout, 7, AEGIS9998] } }
            - { id: b, uses: idem, needs: [],
                retry: { max: 2, on: "${{ error.exit_code == 1 && error.attempt < 2 }}" } }
            """, "", run => run.CarryAll(e => e is not RunEffect.Execute)),
        ["audit-veto"] = ("""
            - { id: a, uses: idem, continue_on_error: true }
            - { id: b, uses: idem }
            - { id: c, uses: idem, continue_on_error: true }
            """, "", run =>
            {
                var failed = new AuditVerdict("/work/app", "vulnerable", "auditor", "h", 2, 3, "s", ["src"]);
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Result("idem", false) with { Audit = failed });
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Result("idem", true) with
                {
                    Audit = failed with { BuildStatus = "clean", Blocking = 0, Paths = null },
                });
                run.Carry(run.Pending[0]);
                run.Carry(run.Pending[0], result: Simulation.Result("idem", false) with
                {
                    Audit = failed with { BuildStatus = "broken", Paths = null },
                });
                run.CarryAll();
            }),
        ["cancel"] = ("""
            - { id: a, uses: idem }
            - { id: b, uses: pure, if: cancelled() }
            """, "", run =>
            {
                run.Carry(run.Pending[0]);
                run.Send(at => new CancelRun(at, "key:ana", "enough"));
                run.CarryAll();
            }),
    };

    /// <summary>What RunStarted says of the profile: agents at once, more than the default where the workflow
    /// says nothing, and fewer than the workflow says; queues of requests for approval.</summary>
    private static readonly Dictionary<string, Func<RunStarted, RunStarted>> Profiles = new()
    {
        ["agents-of-profile"] = s => s with { MaxAgents = 4 },
        ["agents-under-profile"] = s => s with { MaxAgents = 2 },
        ["approval-queues"] = s => s with
        {
            Queues = [new("help", "support"), new("gate", "release")],
        },
    };

    private static string Agent(char id) => $"- {{ id: {id}, uses: agent, needs: [] }}";

    private static ModelUse Asked(string model, string origin, decimal cost) => new("auto", "coding",
        "builder", "here", model, origin, ModelUse.Answered, new ModelTokens(100, 20, 50), cost, 0.5m, 900,
        300, [new ModelTry("there", "gone", "server_error", 500, 40)], 7) { SchemaValid = true };

    public static TheoryData<string> Names => [.. Scenes.Keys];

    /// <summary>A version as the ledger made it; what a run's stream leaves out is there too.</summary>
    private static ArtifactVersion Version(int number) => new("report", number, "report.md", "text/markdown",
        10, "c0", number == 1 ? null : "sha256:1", $"sha256:{number}", "sig", "k", "key:ana", "complete",
        "run_1.a", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, true, "---\n---\n", [1, 2]);

    [Theory]
    [MemberData(nameof(Names))]
    public void History_IsFoldedAndDecidedAsItWas(string name)
    {
        var (steps, header, play) = Scenes[name];
        var workflow = RunGroupTests.Yaml(steps, header);
        var run = RunGroupTests.Of(steps, header, also: Profiles.GetValueOrDefault(name));
        play(run);
        var today = HistoryFile.Of(workflow, run);
        if (Environment.GetEnvironmentVariable("AEGIS_RECORD_HISTORIES") is { } folder)
        {
            today.Write(folder, name);
        }
        var recorded = HistoryFile.Read(name);
        Assert.Equal(recorded.Workflow, workflow);
        Assert.Equal(recorded.State, recorded.Folded());
        Assert.Equal(recorded.Facts.ToJsonString(), today.Facts.ToJsonString());
        Assert.Equal(recorded.State, today.State);
    }
}
