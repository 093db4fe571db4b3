using System.Text.Json;
using Aegis.Agents.Line;

namespace Aegis.Agents.Tests.Line;

public sealed class PlanTasksTests
{
    private static readonly PlanTasks Tool = new();

    [Fact]
    public async Task Steps_NameWhereTheWordsStand_AndNeverHoldThem()
    {
        var result = await CallAsync(Plan("api:store", "store:", "web:api"),
            new { spec = "steps.spec.outputs.reply" });
        var outputs = result.Outputs!.Value;
        Assert.Equal("""["b/store","b/api","b/web"]""", outputs.GetProperty("branches").GetRawText());
        var steps = outputs.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(["task-api", "task-store", "task-web"],
            steps.Select(s => s.GetProperty("id").GetString()));
        Assert.Equal("""["task-store"]""", steps[0].GetProperty("needs").GetRawText());
        Assert.Equal("[]", steps[1].GetProperty("needs").GetRawText());
        var inputs = steps[2].GetProperty("with").GetProperty("inputs");
        Assert.Equal("${{ steps.plan.outputs.reply.tasks[2] }}", inputs.GetProperty("task").GetString());
        Assert.Equal("${{ steps.spec.outputs.reply }}", inputs.GetProperty("spec").GetString());
        Assert.Equal("b/web", inputs.GetProperty("branch").GetString());
        Assert.Equal("""["b/store","b/api"]""", inputs.GetProperty("branches").GetRawText());
        // the words of this plan hold an expression
        Assert.DoesNotContain("secrets", outputs.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no such task", "api:gone")]
    [InlineData("circle", "api:api")]
    [InlineData("two tasks api", "api:", "api:")]
    public async Task Plan_ThatIsNone_IsRefused(string why, params string[] tasks)
    {
        var result = await CallAsync(Plan(tasks), null);
        Assert.Equal("AEGIS2733", result.Error?.Code);
        Assert.Contains(why, result.Error!.Got, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("steps.spec.outputs.reply", null)]
    [InlineData("secrets.token", "AEGIS2001")]
    [InlineData("steps.a || secrets.token", "AEGIS2001")]
    [InlineData("steps.a }} ${{ secrets.token", "AEGIS2001")]
    public void Inputs_AreExpressionsThatOnlyRead(string value, string? refused) =>
        Assert.Equal(refused, Tool.Check(Json(new
        {
            plan = new { }, from = "steps.plan.outputs.reply", workflow = "build-task", branch = "b",
            inputs = new { spec = value },
        }))?.Code);

    [Fact]
    public async Task Checks_OfASpecification_AreSteps_AndExpressionsAreRefused()
    {
        var result = await new SpecChecks().InvokeAsync(
            Json(new { spec = Spec("npm test") }), null!, default);
        Assert.Equal("1 checks, 1 criteria without one", result.Text);
        Assert.Equal("""{"cmd":"npm test","cwd":"/work/app"}""",
            result.Outputs!.Value.GetProperty("steps")[0].GetProperty("with").GetRawText());
        var refused = await new SpecChecks().InvokeAsync(
            Json(new { spec = Spec("echo ${{ secrets.token }}") }), null!, default);
        Assert.Equal("AEGIS2734", refused.Error?.Code);
        var none = await new SpecChecks().InvokeAsync(
            Json(new { spec = new { title = "x" } }), null!, default);
        Assert.Equal("AEGIS2734", none.Error?.Code);
    }

    private static async Task<Gate.ToolResult> CallAsync(object plan, object? inputs) =>
        await Tool.InvokeAsync(Json(new
        {
            plan, from = "steps.plan.outputs.reply", workflow = "build-task", branch = "b", inputs,
        }), null!, default);

    private static object Plan(params string[] tasks) => new
    {
        stack = "s",
        database_schema = (string?)null,
        file_structure = new[] { "a" },
        tasks = tasks.Select(t => t.Split(':')).Select(t => new
        {
            id = t[0], title = "${{ secrets.token }}", agent = "builder",
            needs = t[1].Length == 0 ? [] : t[1].Split(','), inputs = Array.Empty<object>(),
            outputs = Array.Empty<object>(), files = Array.Empty<string>(),
        }),
    };

    private static object Spec(string cmd) => new
    {
        title = "t",
        summary = "s",
        capabilities = new[]
        {
            new
            {
                id = "c",
                description = "d",
                acceptance_criteria = new object[]
                {
                    new { text = "a", check = new { cmd } }, new { text = "b" },
                },
            },
        },
        non_goals = Array.Empty<string>(),
    };

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);
}
