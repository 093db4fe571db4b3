using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;

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
        ["approval-granted-denied"] = ("""
            - { id: a, uses: idem, approve: sure? }
            - { id: b, uses: idem, approve: { timeout: 1h } }
            """, "", run =>
            {
                run.Send(at => new AnswerApproval(at, "a", true, "key:ana", "yes"));
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
        ["contract-replan"] = ("""
            - { id: a, uses: idem, outputs: { n: { value: "${{ steps.a.output }}", type: number } } }
            - { id: b, uses: pure }
            """, "", run => run.CarryAll()),
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
        var run = RunGroupTests.Of(steps, header);
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
