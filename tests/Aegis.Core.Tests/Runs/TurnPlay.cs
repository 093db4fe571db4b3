using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

/// <summary>Turns of agents in a simulated run.</summary>
internal static class TurnPlay
{
    /// <summary>Three agents of which one may work at a time. The first one's second turn is interrupted
    /// after its reply, and fails once; the foreach's come one after the other.</summary>
    public static void Play(Simulation run)
    {
        Turn(run, done: false);
        Begin(run);
        Reply(run, "run_1.a.1.1");
        Within(run, "run_1.a.1.1");
        run.Crash();
        var again = run.Pending.OfType<RunEffect.Execute>().Single();
        Assert.Equal("run_1.a.1.1", run.State.Tasks[again.Index].Replied?.CallId);
        run.Carry(again, ok: false);
        run.Carry(run.Pending.OfType<RunEffect.WakeAt>().Single());
        // another try asks the model again
        var next = Begin(run);
        Assert.Null(run.State.Tasks[next.Index].Replied);
        Turn(run, done: true);
        while (!run.State.Ended)
        {
            Turn(run, done: true);
        }
    }

    /// <summary>More agents than may work at once: the server dies behind the first turn, and no
    /// more than those work after it either.</summary>
    public static void AtOnce(Simulation run, int most)
    {
        CarryToTurns(run);
        Assert.Equal(most, run.Pending.OfType<RunEffect.Execute>().Count());
        Turn(run, done: false);
        run.Crash();
        CarryToTurns(run);
        Assert.Equal(most, run.Pending.OfType<RunEffect.Execute>().Count());
        while (!run.State.Ended)
        {
            Turn(run, done: true);
            CarryToTurns(run);
            Assert.InRange(run.Pending.OfType<RunEffect.Execute>().Count(), 0, most);
        }
    }

    private static void CarryToTurns(Simulation run)
    {
        while (run.Pending.FirstOrDefault(e => e is not RunEffect.Execute) is { } next)
        {
            run.Carry(next);
        }
    }

    /// <summary>Carries all up to the execution of a turn, which stays.</summary>
    public static RunEffect.Execute Begin(Simulation run)
    {
        while (run.Pending.OfType<RunEffect.Execute>().FirstOrDefault() is not { } execute)
        {
            run.Carry(run.Pending[0]);
        }
        return run.Pending.OfType<RunEffect.Execute>().First();
    }

    public static void Turn(Simulation run, bool done) => run.Carry(Begin(run), result:
        Simulation.Result("agent", true) with
        {
            Outputs = JsonElement.Parse(
                done ? """{"done":true,"reply":"it is done"}""" : """{"done":false}"""),
        });

    public static void Reply(Simulation run, string callId, decimal cost = 0.25m)
    {
        var execute = run.Pending.OfType<RunEffect.Execute>().First();
        run.Send(at => new RecordTurn(at, execute.Index, execute.Attempt, [new ModelReplied(
            run.State.Plan.Tasks[execute.Index].StepId, execute.Attempt, callId, 2, "builder",
            JsonElement.Parse("""{"text":"I write."}"""), null, 19, "tool_calls", cost)]));
    }

    private static void Within(Simulation run, string callId)
    {
        var execute = run.Pending.OfType<RunEffect.Execute>().First();
        var step = run.State.Plan.Tasks[execute.Index].StepId;
        ImmutableArray<RunEvent> facts =
        [
            new ToolReturned(step, execute.Attempt, callId + ".1", "file.write", "idempotent", false, 3,
                new AegisError("AEGIS2111", "no"), 0, 5, null, null, false, Within: callId),
            new ToolDenied(step, execute.Attempt, callId + ".2", "git.push",
                new AegisError("AEGIS2608", "no"), callId),
        ];
        run.Send(at => new RecordTurn(at, execute.Index, execute.Attempt, facts));
    }
}
