using System.Text.Json;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Plans;

/// <summary>The compiler's table of keys and the schema say the same.</summary>
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
}
