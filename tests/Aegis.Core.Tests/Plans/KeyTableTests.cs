using System.Text.Json;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Plans;

/// <summary>The compiler's table of keys, the schema and the page say the same.</summary>
public sealed class KeyTableTests
{
    private static readonly JsonElement Schema =
        JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory,
        "Plans/workflow.schema.json")));

    [Theory]
    [InlineData(KeyScope.Workflow, null)]
    [InlineData(KeyScope.Policy, "policy")]
    [InlineData(KeyScope.Input, "input")]
    [InlineData(KeyScope.Defaults, "defaults")]
    [InlineData(KeyScope.Step, "step")]
    [InlineData(KeyScope.Retry, "retry")]
    [InlineData(KeyScope.Foreach, "foreach")]
    [InlineData(KeyScope.Repeat, "repeat")]
    [InlineData(KeyScope.Approve, "approve")]
    [InlineData(KeyScope.Output, "output")]
    [InlineData(KeyScope.Concurrency, "concurrency")]
    [InlineData(KeyScope.Github, "githubOptions")]
    [InlineData(KeyScope.Webhook, "webhookOptions")]
    [InlineData(KeyScope.Schedule, "schedule")]
    [InlineData(KeyScope.Completed, "completed")]
    public void Schema_EachScope_HasExactlyTheKeysThatWork(KeyScope scope, string? definition)
    {
        var map = definition is null ? Schema : Schema.GetProperty("$defs").GetProperty(definition);
        Assert.Equal(
            WorkflowKeys.Of(scope).Where(k => k.State == KeyState.Works).Select(k => k.Name).Order(),
            map.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order());
        Assert.False(map.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(
            WorkflowKeys.Of(scope).Where(k => k.Default == "required").Select(k => k.Name).Order(),
            map.TryGetProperty("required", out var required)
                ? required.EnumerateArray().Select(r => r.GetString()!).Order()
                : []);
    }

    [Fact]
    public void Page_KeyTable_IsTheCompilersTable()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Plans/dsl.md"));
        Assert.Contains(Table(), page, StringComparison.Ordinal);
    }

    private static string Table() =>
        "| place | key | state | type | default | limits |\n|---|---|---|---|---|---|\n"
        + string.Join('\n', WorkflowKeys.All.Select(k =>
            $"| {Place(k.Scope)} | `{k.Name}` | {(k.State == KeyState.Works ? "works" : "later")} | "
            + $"{k.Type} | {k.Default} | {k.Limits} |"));

    private static string Place(KeyScope scope) => scope switch
    {
        KeyScope.Workflow => "top",
        KeyScope.Input => "inputs.*",
        KeyScope.Step => "steps[]",
        KeyScope.Retry => "retry",
        KeyScope.Output => "outputs.*",
        KeyScope.Github => "on.github:*",
        KeyScope.Webhook => "on.webhook",
        KeyScope.Schedule => "on.schedule",
        KeyScope.Completed => "on.workflow_completed",
        _ => scope.ToString().ToLowerInvariant(),
    };
}
