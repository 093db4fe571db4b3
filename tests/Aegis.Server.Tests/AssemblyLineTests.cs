using System.Text.Json;
using Aegis.Cli;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>A task of the assembly line whose agent says three times that it is done and is not. Only the
/// words are scripted.</summary>
[Collection(RealServerGroup.Name)]
public sealed class AssemblyLineTests(RealServer server) : IAsyncLifetime
{
    private static readonly string Sample = Path.Combine(LineDesk.Samples, "line", "asks");

    private LineDesk line = null!;

    public async Task InitializeAsync() => line = await LineDesk.OpenAsync(server, Sample);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Task_ThatFailsThreeTimes_WaitsForAHuman_WhoseHintMends()
    {
        var run = await BeginAsync("hint");
        var asked = LineDesk.Of(await AskedAsync(run), "ApprovalRequested").Single();
        Assert.Contains("three tries did not pass", asked.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        // the profile says that who is asked for help is the tenant's support, who may do nothing else
        Assert.Equal("support", asked.GetProperty("queue").GetString());
        var support = await server.QueueKeyAsync("acme", "support");
        var queued = await server.AegisAsync(["approvals", "--queue", "support"], support);
        Assert.Contains(run, queued.Output, StringComparison.Ordinal);
        Assert.Contains(line.Project, queued.Output, StringComparison.Ordinal);
        string[] answer = ["approve", run, "ask", "--reason", "it is a sum", "--queue", "support"];
        Assert.Equal(ExitCode.Denied,
            (await server.AegisAsync(answer, await server.QueueKeyAsync("acme", "other"))).Exit);
        Assert.Equal(0, (await server.AegisAsync(answer, support)).Exit);
        var events = await server.EndedAsync(run, line.Key);
        var done = LineDesk.Of(events, "PlanCompleted").Single().GetProperty("outputs");
        Assert.Equal(("clean", 4), (done.GetProperty("build_status").GetString(),
            done.GetProperty("tries").GetInt32()));
        // one mistake, three times: one vaccine
        var vaccine = Assert.Single(JsonElement.Parse(await line.DoAsync("vaccines", "list", "--json"))
            .GetProperty("items").EnumerateArray(), v => v.GetProperty("scope").GetString() == "project");
        Assert.Equal(3, vaccine.GetProperty("hits").GetInt32());
        Assert.Equal(3, LineDesk.Of(events, "TaskFailed").Count(e =>
            e.GetProperty("step_id").GetString()!.StartsWith("tests-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Task_OfWhichAHumanWantsAnotherPlan_FailsForIt_AndPushesNothing()
    {
        var run = await BeginAsync("replan");
        await AskedAsync(run);
        await line.DoAsync("approve", run, "ask", "--reason", "replan: it is two tasks");
        var events = await server.EndedAsync(run, line.Key);
        var failed = LineDesk.Of(events, "TaskFailed").Single(e => LineDesk.Step(e) == "replan")
            .GetProperty("error");
        Assert.Equal(("AEGIS2740", "a person wants another plan: replan: it is two tasks"),
            (failed.GetProperty("code").GetString(), failed.GetProperty("message").GetString()));
        Assert.DoesNotContain(LineDesk.Of(events, "TaskCompleted"),
            e => LineDesk.Step(e) is "build-4" or "commit" or "push");
    }

    [Fact]
    public async Task Task_ThatAHumanStops_PushesNothing()
    {
        var run = await BeginAsync("stop");
        await AskedAsync(run);
        await line.DoAsync("deny", run, "ask", "--reason", "not like this");
        var events = await server.EndedAsync(run, line.Key);
        Assert.Equal("RunFailed", events[^1].GetProperty("type").GetString());
        Assert.DoesNotContain(LineDesk.Of(events, "TaskCompleted"),
            e => e.GetProperty("step_id").GetString() is "commit" or "push");
    }

    private async Task<string> BeginAsync(string mark)
    {
        var (run, repository) = await line.BeginAsync(mark, new { deploy = false });
        // the line itself has no words here; what is wanted of it is its repository
        await server.EndedAsync(run, line.Key);
        return (await line.DoAsync("run",
            Path.Combine(LineDesk.Samples, "..", "contracts", "workflows", "build-task.yaml"),
            "--repo", repository, "--input",
            $"task={await File.ReadAllTextAsync(Path.Combine(Sample, "task.json"))}", "--input",
            $"branch=try/{mark}", "--detach")).Trim();
    }

    private async Task<IReadOnlyList<JsonElement>> AskedAsync(string run) =>
        await server.EventsUntilAsync(run, line.Key,
            e => e.Count > 0 && e[^1].GetProperty("type").GetString() == "ApprovalRequested");
}
