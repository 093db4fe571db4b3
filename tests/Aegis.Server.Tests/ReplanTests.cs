using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>A plan of which one task hands over less than the next counts on: that part is planned anew, and
/// what is finished stays. Only the words are scripted.</summary>
[Collection(RealServerGroup.Name)]
public sealed class ReplanTests(RealServer server) : IAsyncLifetime
{
    private LineDesk line = null!;

    public async Task InitializeAsync() => line = await
        LineDesk.OpenAsync(server, Path.Combine(LineDesk.Samples, "line", "replans"));

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task HandOver_ThatDoesNotFit_IsPlannedAnew_AndWhatIsFinishedStays()
    {
        var events = await line.PlayAsync("A service that says what goods cost", new { deploy = false });
        var outputs = LineDesk.Outputs(events);
        Assert.Equal("clean", outputs.GetProperty("build_status").GetString());
        Assert.Equal(["prices", "units"], outputs.GetProperty("current_plan").EnumerateArray()
            .Single(t => t.GetProperty("id").GetString() == "receipt").GetProperty("needs").EnumerateArray()
            .Select(n => n.GetString()));

        // the facts that an auditor sees: what failed and why, what stands on it, and what was done anew
        var failed = LineDesk.Of(events, "TaskFailed").Single(e => LineDesk.Step(e) == "task-prices");
        Assert.Equal("AEGIS2740", failed.GetProperty("error").GetProperty("got").GetString());
        Assert.Contains("receipt counts on the function total(items)",
            failed.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        var asked = LineDesk.Of(events, "ReplanRequired").Single();
        Assert.Equal(("task-prices", "sub_graph", "task-receipt"), (LineDesk.Step(asked),
            asked.GetProperty("replan_scope").GetString(),
            asked.GetProperty("affected").EnumerateArray().Single().GetString()));
        var unfit = LineDesk.Of(events, "TaskCompleted").Single(e => LineDesk.Step(e) == "unfit-1")
            .GetProperty("outputs");
        Assert.Equal("units", unfit.GetProperty("again").GetProperty("tasks").EnumerateArray().Single()
            .GetProperty("id").GetString());
        Assert.Equal(["again1-prices", "again1-receipt", "task-prices", "task-units"],
            LineDesk.Of(events, "ChildRunRequested").Select(LineDesk.Step).Order(StringComparer.Ordinal));
        Assert.Equal(2, LineDesk.Of(events, "ModelReplied")
            .Count(e => e.GetProperty("agent").GetString() == "architect"));
    }
}
