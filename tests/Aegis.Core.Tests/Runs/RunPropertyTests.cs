using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Runs;

/// <summary>Random plans, random orders of what comes back, random crashes: whatever happens, the run ends,
/// no task ends twice, and a replay comes to the same state.</summary>
public sealed class RunPropertyTests(ITestOutputHelper output)
{
    private static readonly string[] Tools = ["pure", "idem", "probe", "once"];

    [Fact]
    public void AnyRun_WithCrashesAndFailures_EndsOnceAndReplaysTheSame()
    {
        var first = Random.Shared.Next();
        output.WriteLine($"first seed {first}");
        for (var seed = first; seed < first + 300; seed++)
        {
            Check(seed);
        }
    }

    private static void Check(int seed)
    {
        var chance = new Random(seed);
        var run = new Simulation(RandomPlan(chance));
        for (var step = 0; !run.State.Ended; step++)
        {
            Assert.True(step < 5000, $"seed {seed}: no end in sight");
            Step(run, chance);
        }
        var ends = run.Facts.Select(f => f.Fact).Select(StepEnded).Where(s => s is not null).ToList();
        Assert.True(ends.Count == run.State.Tasks.Count
            && ends.Distinct().Count() == ends.Count, $"seed {seed}");
        var starts = run.Facts.Select(f => f.Fact).OfType<TaskStarted>().ToList();
        Assert.True(starts.Distinct().Count() == starts.Count, $"seed {seed}: an attempt started twice");
        Assert.True(Text(run.Fold()) == Text(run.State), $"seed {seed}: the replay differs");
    }

    private static void Step(Simulation run, Random chance)
    {
        var doubt = run.State.Plan.Tasks.FirstOrDefault(
            t => run.State.Tasks[t.Index].Status == TaskStatus.InDoubt);
        if (chance.Next(20) == 0)
        {
            run.Crash();
        }
        else if (run.Pending.Count > 0)
        {
            run.Carry(run.Pending[chance.Next(run.Pending.Count)], chance.Next(4) != 0);
        }
        else if (doubt is not null)
        {
            run.Send(at => new Core.Runs.Commands.ResolveTask(at, doubt.StepId,
                new[] { "done", "retry", "fail" }[chance.Next(3)], "key:x"));
        }
        else
        {
            run.Crash();
        }
        if (chance.Next(400) == 0)
        {
            run.Send(at => new Core.Runs.Commands.CancelRun(at, "key:x", null));
        }
    }

    private static string? StepEnded(RunEvent fact) => fact switch
    {
        TaskCompleted e => e.StepId,
        TaskFailed e => e.StepId,
        TaskSkipped e => e.StepId,
        TaskCancelled e => e.StepId,
        _ => null,
    };

    private static string Text(RunState run) => JsonSerializer.Serialize(new
    {
        run.Status,
        run.OpenTasks,
        run.AnyFailed,
        run.CostUsd,
        run.StopReason,
        run.ChangedAt,
        Tasks = Enumerable.Range(0, run.Tasks.Count).Select(i => run.Tasks[i].ToString()),
    });

    private static PlanGraph RandomPlan(Random chance)
    {
        var count = chance.Next(1, 25);
        return PlanOf.Tasks([.. Enumerable.Range(0, count).Select(i => PlanOf.Task(i, $"s{i}",
            Tools[chance.Next(Tools.Length)],
            [.. Enumerable.Range(0, i).Where(_ => chance.Next(Math.Max(2, i / 2)) == 0)],
            chance.Next(3), chance.Next(5) == 0))]);
    }
}
