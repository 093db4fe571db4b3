using System.Text.Json;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

public sealed class TaskHashesTests
{
    [Fact]
    public void Hashes_AreAFactBeforeTheTaskBegins_AndAskedForOnce()
    {
        var run = RunGroupTests.Of(
            "- { id: a, uses: idem, retry: 1, with: { k: \"${{ hashFiles('x') }}${{ hashFiles('x') }}\" } }");
        Assert.IsType<RunEffect.HashFiles>(Assert.Single(run.Pending));
        var failures = 1;
        run.CarryAll(e => e is not RunEffect.Execute || failures-- <= 0);
        Assert.Equal(["RunStarted", "FilesHashed", "TaskStarted", "ToolCalled", "ToolReturned",
            "TaskRetryScheduled", "TaskStarted", "ToolCalled", "ToolReturned", "TaskCompleted",
            "PlanCompleted"], run.Types);
        Assert.Equal("hash of xhash of x", run.Facts.Select(f => f.Fact).OfType<TaskStarted>().Last()
            .Input!.Value.GetProperty("k").GetString());
    }

    [Fact]
    public void Condition_IsJudgedWithItsHash_AndACallInACallTakesTwoRounds()
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem, if: \"hashFiles(hashFiles('x')) == 'no'\" }");
        run.CarryAll();
        Assert.Equal("skipped", run.StatusOf("a"));
        Assert.Equal(["x", "hash of x"], run.Facts.Select(f => f.Fact).OfType<FilesHashed>()
            .SelectMany(f => f.Hashes).Select(h => h.Patterns[0]));
    }

    [Fact]
    public void HashThatCannotBeMade_FailsTheTask()
    {
        var run = RunGroupTests.Of("- { id: a, uses: idem, env: { K: \"${{ hashFiles('x') }}\" } }");
        run.CarryAll(e => e is not RunEffect.HashFiles);
        Assert.Equal(("failed", "AEGIS1099"), (run.StatusOf("a"), run.State.Tasks[0].Error!.Code));
    }

    [Fact]
    public void Calls_AtTheLimitAndOnePast()
    {
        static Simulation Of(int calls) => RunGroupTests.Of("- { id: a, uses: idem, with: { k: ["
            + string.Join(',', Enumerable.Range(0, calls).Select(i => $"\"${{{{ hashFiles('f{i}') }}}}\""))
            + "] } }");
        var most = Of(TaskHashes.CallsMax);
        most.CarryAll();
        Assert.Equal("succeeded", most.StatusOf("a"));
        var over = Of(TaskHashes.CallsMax + 1);
        over.CarryAll();
        Assert.Equal("failed", over.StatusOf("a"));
    }

    [Fact]
    public void TaskWithoutACall_AsksForNothing()
    {
        var run = RunGroupTests.Of("- { id: a, uses: pure, with: { value: \"${{ run.name }}\" } }");
        Assert.DoesNotContain(run.Pending, e => e is RunEffect.HashFiles);
    }
}
