using System.Text.Json;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

/// <summary>What the run core makes of a step that is an agent's loop.</summary>
public sealed class AgentTurnTests
{
    [Fact]
    public void Loop_IsATaskForEachTurn_AndEndsWithTheLast()
    {
        var run = RunGroupTests.Of("- { id: a, uses: agent, timeout: 5m }");
        TurnPlay.Turn(run, done: false);
        TurnPlay.Turn(run, done: false);
        TurnPlay.Turn(run, done: true);
        Assert.Equal(["a", "a.0", "a.1", "a.2"], run.State.Plan.Tasks.Select(t => t.StepId));
        Assert.Equal(RunStatus.Succeeded, run.State.Status);
        Assert.Equal("it is done", run.State.Tasks[0].Outputs!.Value.GetProperty("reply").GetString());
        // a turn sees the files of those before it, and of nothing behind it
        Assert.Equal([1, 2], run.State.Graph.FilesOf(3));
    }

    [Fact]
    public void Agents_ThreeAtOnce_TheFourthBeginsWhenOneHasEnded()
    {
        var run = RunGroupTests.Of(string.Concat(
            "abcd".Select(id => $"- {{ id: {id}, uses: agent, needs: [] }}\n")), "");
        foreach (var slot in run.Pending.OfType<RunEffect.AcquireSlot>().ToList())
        {
            run.Carry(slot);
        }
        Assert.Equal(["a.0", "b.0", "c.0"], run.State.Plan.Tasks.Skip(4).Select(t => t.StepId));
        TurnPlay.Turn(run, done: true);
        Assert.Equal("d.0", run.State.Plan.Tasks[^1].StepId);
    }

    [Fact]
    public void Reply_IsPaidOnce_AndOverTheCapTheRunStops()
    {
        var run = RunGroupTests.Of("- { id: a, uses: agent }", "policy: { max_cost_usd: 1 }\n");
        TurnPlay.Begin(run);
        TurnPlay.Reply(run, "run_1.a.0.1", 0.75m);
        Assert.Equal((0.75m, RunStatus.Running), (run.State.CostUsd, run.State.Status));
        run.Crash();
        TurnPlay.Turn(run, done: false);
        Assert.Equal(0.75m, run.State.CostUsd);
        TurnPlay.Begin(run);
        TurnPlay.Reply(run, "run_1.a.1.1", 0.75m);
        Assert.Equal(RunStatus.Stopping, run.State.Status);
        Assert.Contains(run.Pending, e => e is RunEffect.Interrupt);
    }

    [Fact]
    public void Fact_OfAnAttemptThatIsOver_IsRefused()
    {
        var run = RunGroupTests.Of("- { id: a, uses: agent }");
        var execute = TurnPlay.Begin(run);
        TurnPlay.Turn(run, done: false);
        var refused = run.Send(at => new RecordTurn(at, execute.Index, execute.Attempt, [new ModelReplied(
            "a.0", 1, "c", 1, "builder", JsonElement.Parse("{}"), null, 2, "stop", 1)]));
        Assert.Equal("AEGIS5002", refused.Refusal?.Code);
        Assert.Equal(0, run.State.CostUsd);
    }
}
