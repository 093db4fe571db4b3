using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;

namespace Aegis.Core.Runs.Retries;

/// <summary>Other inputs of single steps of a retry: <c>{step: {member: value}}</c>, laid over the step's
/// <c>with</c>; null takes a member out. They are values: expressions are not read in them, so that nothing
/// comes in here that the compiler would have refused.</summary>
public static class StepOverrides
{
    public const int CharsMax = 64 * 1024;

    public static ImmutableArray<string> StepsOf(JsonElement? with) =>
        with is { ValueKind: JsonValueKind.Object } steps
            ? [.. steps.EnumerateObject().Select(s => s.Name)]
            : [];

    /// <summary>What is wrong with them as such; null for nothing.</summary>
    public static AegisError? Check(JsonElement? with)
    {
        if (with is not { } given)
        {
            return null;
        }
        if (given.ValueKind != JsonValueKind.Object
            || given.EnumerateObject().Any(s => s.Value.ValueKind != JsonValueKind.Object))
        {
            return new AegisError("AEGIS5062", "with is no map of steps and their members",
                "{step: {member: value}}", given.ValueKind.ToString().ToLowerInvariant());
        }
        if (given.GetRawText().Length > CharsMax)
        {
            return new AegisError("AEGIS5062", "with is too large", $"at most {CharsMax} characters",
                $"{given.GetRawText().Length}");
        }
        return Template.HasExpressions(given)
            ? new AegisError("AEGIS5062", "with holds an expression", "values", null,
                "edit an input that the step's own expressions read, or write the value")
            : null;
    }

    /// <summary>The plan of a run that was started with them.</summary>
    internal static PlanGraph Apply(PlanGraph graph, JsonElement? with)
    {
        if (with is not { ValueKind: JsonValueKind.Object } steps)
        {
            return graph;
        }
        var tasks = graph.Plan.Tasks.ToBuilder();
        foreach (var step in steps.EnumerateObject())
        {
            if (graph.IndexOf(step.Name) is { } index)
            {
                tasks[index] = Changed(tasks[index], step.Value);
            }
        }
        return new PlanGraph(graph.Plan with { Tasks = tasks.ToImmutable() });
    }

    private static PlanTask Changed(PlanTask task, JsonElement members)
    {
        var merged = JsonNode.Parse(task.With.GetRawText())!.AsObject();
        foreach (var member in members.EnumerateObject())
        {
            merged.Remove(member.Name);
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                merged[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }
        var with = JsonSerializer.SerializeToElement(merged);
        return task with
        {
            With = with,
            WithIsConstant = !Template.HasExpressions(with)
                && !task.Env.Values.Any(Template.HasExpressions),
        };
    }
}
