using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Retries;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Runs;

/// <summary>Random plans, random orders of what comes back, random crashes: whatever happens, the run ends,
/// no task ends twice, and a replay comes to the same state.</summary>
public sealed class RunPropertyTests(ITestOutputHelper output)
{
    private static readonly string[] Tools = ["pure", "idem", "probe", "once", "child"];

    [Fact]
    public void AnyRun_WithCrashesAndFailures_EndsOnceAndReplaysTheSame()
    {
        var first = int.TryParse(Environment.GetEnvironmentVariable("AEGIS_TEST_SEED"), out var given) ? given
            : Random.Shared.Next();
        output.WriteLine($"first seed {first}");
        for (var seed = first; seed < first + 300; seed++)
        {
            Check(seed);
        }
    }

    private static void Check(int seed)
    {
        var chance = new Random(seed);
        var run = new Simulation(RandomPlan(chance), freeze: chance.Next(4) == 0);
        for (var step = 0; !run.State.Ended; step++)
        {
            Assert.True(step < 5000, $"seed {seed}: no end in sight");
            Step(run, chance);
        }
        var ends = run.Facts.Select(f => f.Fact).Select(StepEnded).Where(s => s is not null).ToList();
        Assert.True(ends.Count == run.State.Tasks.Count
            && ends.Distinct().Count() == ends.Count, $"seed {seed}: a task ended twice, or never");
        var starts = run.Facts.Select(f => f.Fact).OfType<TaskStarted>().ToList();
        Assert.True(starts.Distinct().Count() == starts.Count, $"seed {seed}: an attempt started twice");
        Assert.True(Text(run.Fold()) == Text(run.State), $"seed {seed}: the replay differs");
        CheckRetry(run, chance, seed);
    }

    /// <summary>Whatever came of a run, a retry of it runs what it does not take over, once.</summary>
    private static void CheckRetry(Simulation before, Random chance, int seed)
    {
        var top = before.State.Plan.Tasks.Where(t => t.Member is null).ToList();
        ImmutableArray<string> from = chance.Next(2) == 0 ? [] : [top[chance.Next(top.Count)].StepId];
        var graph = new PlanGraph(before.State.Plan with { Tasks = [.. top] });
        var started = before.State.Start with { RunId = "run_2", RetryOf = "run_1" };
        var results = RetryPlan.Make(before.State, started, from);
        if (results.Error is not null)
        {
            var isDone = before.State.Plan.Tasks.All(t =>
                before.State.Tasks[t.Index].Status == TaskStatus.Succeeded);
            Assert.True((before.State.Status == RunStatus.Succeeded || isDone) && from.IsEmpty,
                $"seed {seed}: {results.Error} of a run that is {before.State.Status}, from {from.Length}: "
                + string.Join(", ", before.State.Plan.Tasks.Select(t =>
                    $"{t.StepId} {before.State.Tasks[t.Index].Status}")));
            return;
        }
        var run = new Simulation(graph, started, results);
        for (var step = 0; !run.State.Ended; step++)
        {
            Assert.True(step < 5000, $"seed {seed}: no end of the retry in sight");
            Step(run, chance);
        }
        var reused = results.Reused.Select(r => r.StepId).ToHashSet();
        var began = run.Facts.Select(f => f.Fact).OfType<TaskStarted>().Select(s => s.StepId).ToHashSet();
        Assert.True(!began.Overlaps(reused), $"seed {seed}: a reused task ran");
        Assert.True(!reused.Overlaps(from), $"seed {seed}: a task to run was reused");
        Assert.All(results.Reused, r => Assert.All(
            before.State.Plan.Tasks[before.State.Graph.IndexOf(r.StepId)!.Value].Needs,
            n => Assert.Contains(before.State.Plan.Tasks[n].StepId, reused)));
        Assert.True(Text(run.Fold()) == Text(run.State), $"seed {seed}: the replay of the retry differs");
    }

    private static void Step(Simulation run, Random chance)
    {
        var doubt = run.State.Plan.Tasks.FirstOrDefault(
            t => run.State.Tasks[t.Index].Status is TaskStatus.InDoubt or TaskStatus.Frozen);
        var asks = run.State.Plan.Tasks.FirstOrDefault(
            t => run.State.Tasks[t.Index].Status == TaskStatus.Approval);
        if (chance.Next(30) == 0)
        {
            run.Send(at => run.State.Paused ? new ResumeRun(at, "key:x") : new PauseRun(at, "key:x", null));
        }
        if (chance.Next(20) == 0)
        {
            run.Crash();
        }
        else if (run.Pending.Count > 0)
        {
            var effect = run.Pending[chance.Next(run.Pending.Count)];
            run.Carry(effect, chance.Next(4) != 0, result: Adds(run, effect, chance));
        }
        else if (doubt is not null)
        {
            run.Send(at => new ResolveTask(at, doubt.StepId,
                new[] { "done", "retry", "fail" }[chance.Next(3)], "key:x"));
        }
        else if (asks is not null)
        {
            run.Send(at => new AnswerApproval(at, asks.StepId, chance.Next(3) != 0, "key:x", null));
        }
        else if (run.State.Holds)
        {
            run.Send(at => new ResumeRun(at, "key:x"));
        }
        else
        {
            run.Crash();
        }
        if (chance.Next(400) == 0)
        {
            run.Send(at => new CancelRun(at, "key:x", null));
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
            chance.Next(3), chance.Next(5) == 0) with { Options = RandomOptions(chance) })]);
    }

    private static TaskOptions RandomOptions(Random chance)
    {
        var (items, iterations) = (chance.Next(6) == 0, chance.Next(8) == 0);
        return TaskOptions.None with
        {
            Foreach = items
                ? new ForeachSpec(JsonSerializer.SerializeToElement(Enumerable.Range(0, chance.Next(5))),
                    "item", chance.Next(2) == 0 ? null : chance.Next(1, 4))
                : null,
            Repeat = iterations && !items
                ? new RepeatSpec(chance.Next(2) == 0 ? "true" : "false", chance.Next(1, 4),
                    TimeSpan.FromSeconds(chance.Next(2)))
                : null,
            Approve = chance.Next(10) == 0
                ? new ApprovalSpec(null, chance.Next(2) == 0 ? null : TimeSpan.FromHours(1))
                : null,
            Sla = chance.Next(5) == 0 ? TimeSpan.FromSeconds(chance.Next(1, 100)) : null,
        };
    }

    /// <summary>Now and then a step adds steps to its run.</summary>
    private static AttemptResult? Adds(Simulation run, RunEffect effect, Random chance)
    {
        if (effect is not RunEffect.Execute execute || chance.Next(12) != 0 || run.State.Tasks.Count > 60)
        {
            return null;
        }
        var name = $"x{run.State.Tasks.Count}";
        return Simulation.Result(run.State.Plan.Tasks[execute.Index].Tool, true) with
        {
            AddedSteps = JsonElement.Parse(
                $$"""[{"id":"{{name}}a","uses":"idem"},{"id":"{{name}}b","uses":"pure","foreach":[1,2]}]"""),
        };
    }
}
