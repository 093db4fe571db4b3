using System.Text.Json;
using Aegis.Agents.Line;

namespace Aegis.Agents.Tests.Line;

public sealed class PlanReplanTests
{
    private static readonly PlanReplan Tool = new();

    [Fact]
    public async Task HandOver_ThatDoesNotFit_NamesItself_AndWhatNeedsIt_NearAndFar()
    {
        var result = await CallAsync(Plan(), Results(0, ("a", Ok), ("b", Unfit), ("c", Skipped),
            ("d", Skipped), ("e", Ok)));
        var outputs = result.Outputs!.Value;
        Assert.Equal(("""["b"]""", """["c","d"]"""), (outputs.GetProperty("failed").GetRawText(),
            outputs.GetProperty("affected").GetRawText()));
        Assert.Equal((1, "a e"), (outputs.GetProperty("again").GetProperty("round").GetInt32(),
            string.Join(' ', outputs.GetProperty("again").GetProperty("tasks").EnumerateArray()
                .Select(t => t.GetProperty("id").GetString()))));
        Assert.Contains("Task b: it does not fit", outputs.GetProperty("task").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondRound_TakesTheNewestEndOfEachTask()
    {
        var first = Results(0, ("a", Ok), ("b", Unfit), ("c", Skipped), ("d", Skipped), ("e", Ok));
        var second = Results(1, ("b", Ok), ("c", Unfit), ("d", Skipped));
        var outputs = (await CallAsync(Plan(), first, second)).Outputs!.Value;
        Assert.Equal(("""["c"]""", """["d"]""", 2), (outputs.GetProperty("failed").GetRawText(),
            outputs.GetProperty("affected").GetRawText(),
            outputs.GetProperty("again").GetProperty("round").GetInt32()));
    }

    [Theory]
    [InlineData(PlanReplan.ReplansMax, null)]
    [InlineData(PlanReplan.ReplansMax + 1, "AEGIS2742")]
    public async Task Plan_IsMadeAnew_SoManyTimes(int times, string? refused)
    {
        var results = Enumerable.Range(0, times).Select(round => Results(round, ("b", Unfit))).ToArray();
        Assert.Equal(refused, (await CallAsync(Plan(), results)).Error?.Code);
    }

    [Theory]
    [InlineData("AEGIS5051", "AEGIS2100")]
    [InlineData("AEGIS5052", null)]
    public async Task Failure_OfAnotherKind_IsNoMatterOfThePlan(string code, string? got)
    {
        var other = new { outcome = "failure", error = new { code, message = "no", got } };
        var result = await CallAsync(Plan(), Results(0, ("b", Unfit), ("e", other)));
        Assert.Equal(("AEGIS2741", "task e failed, and not for its plan"),
            (result.Error?.Code, result.Error?.Message));
        Assert.Equal("AEGIS2741", (await CallAsync(Plan(), Results(0, ("a", Ok)))).Error?.Code);
        Assert.Equal("AEGIS2741", (await CallAsync(Plan(), Json(null!))).Error?.Code);
    }

    [Fact]
    public async Task PlanMadeAnew_KeepsWhatIsFinished_AndDoesOnlyTheRest()
    {
        var anew = (await CallAsync(Plan(), Results(0, ("a", Ok), ("b", Unfit), ("e", Ok)))).Outputs!.Value
            .GetProperty("again");
        var outputs = (await TasksAsync(Plan(), anew)).Outputs!.Value;
        Assert.Equal("""["x/a","x/e","x/b","x/c","x/d"]""", outputs.GetProperty("branches").GetRawText());
        var steps = outputs.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(["again1-b", "again1-c", "again1-d"],
            steps.Select(s => s.GetProperty("id").GetString()));
        // what is finished is nothing to wait for, and still what b stands on
        Assert.Equal("[]", steps[0].GetProperty("needs").GetRawText());
        Assert.Equal("""["x/a"]""", steps[0].GetProperty("with").GetProperty("inputs")
            .GetProperty("branches").GetRawText());
        Assert.Equal("""["again1-b"]""", steps[1].GetProperty("needs").GetRawText());
        Assert.Equal("${{ steps.replan.outputs.reply.tasks[1] }}", steps[0].GetProperty("with")
            .GetProperty("inputs").GetProperty("task").GetString());
    }

    [Fact]
    public async Task PlanMadeAnew_ThatChangesOrLosesWhatIsFinished_IsRefused()
    {
        var anew = (await CallAsync(Plan(), Results(0, ("a", Ok), ("b", Unfit), ("e", Ok)))).Outputs!.Value
            .GetProperty("again");
        var changed = await TasksAsync(Plan(title: "another"), anew);
        Assert.Equal(("AEGIS2733", "finished tasks are changed or left out: a, e"),
            (changed.Error?.Code, changed.Error?.Got));
    }

    [Theory]
    [InlineData("store.py", "file", "F store.py")]
    [InlineData("app/web/index.html", "file", "F web/index.html")]
    [InlineData("../secret", "file", null)]
    [InlineData("/etc/passwd", "file", null)]
    [InlineData("find(db, words) -> rows", "function", "W find")]
    [InlineData("store.add", "function", "W add")]
    [InlineData("tasks", "table", "W tasks")]
    [InlineData("POST /tasks/{id}/done", "endpoint", "P /tasks")]
    [InlineData("GET /", "endpoint", null)]
    [InlineData("±", "contract", null)]
    [InlineData("a\nF b", "file", null)]
    public void Promise_IsLookedForByItsName(string name, string type, string? look) =>
        Assert.Equal(look, PlanHandover.LookFor(name, type));

    private static readonly object Ok = new { outcome = "success", outputs = new { sha = "1" } };
    private static readonly object Skipped = new { outcome = "skipped" };

    private static readonly object Unfit = new
    {
        outcome = "failure",
        error = new { code = "AEGIS5051", message = "it does not fit", got = "AEGIS2740" },
    };

    private static async Task<Gate.ToolResult> CallAsync(object plan, params JsonElement[] results) =>
        await Tool.InvokeAsync(Json(new { plan, results }), null!, default);

    private static async Task<Gate.ToolResult> TasksAsync(object plan, JsonElement again) =>
        await new PlanTasks().InvokeAsync(Json(new
        {
            plan, from = "steps.replan.outputs.reply", workflow = "build-task", branch = "x", again,
        }), null!, default);

    private static JsonElement Results(int round, params (string Id, object End)[] ends) =>
        Json(ends.ToDictionary(e => PlanTasks.StepOf(e.Id, round), e => e.End));

    /// <summary>c and d stand on b, b on a; e stands alone.</summary>
    private static object Plan(string title = "t") => new
    {
        stack = "s",
        database_schema = (string?)null,
        file_structure = new[] { "f" },
        tasks = new[] { ("a", ""), ("b", "a"), ("c", "b"), ("d", "c"), ("e", "") }.Select(t => new
        {
            id = t.Item1, title, agent = "builder", needs = t.Item2.Length == 0 ? [] : new[] { t.Item2 },
            inputs = Array.Empty<object>(), outputs = Array.Empty<object>(), files = Array.Empty<string>(),
        }),
    };

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);
}
