using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Flow;

/// <summary><c>plan.extend</c>: adds steps to its own run. The step ends when they have ended, and steps that
/// need it wait for all of them. They are held to the workflow's language and policy like any step.</summary>
public sealed class PlanExtend : Tool<PlanExtendInput>
{
    public override ToolDescriptor Descriptor { get; } = new("plan.extend", "tools:flow", ToolEffect.Pure,
        "Adds steps to its own run and ends with them.", RunsInline: true)
    {
        NeedsRun = true,
    };

    protected override ValueTask<ToolResult> InvokeAsync(PlanExtendInput input, Execution execution,
        CancellationToken cancel) => ValueTask.FromResult(Answer(input.Steps));

    private static ToolResult Answer(JsonElement steps)
    {
        if (steps.ValueKind != JsonValueKind.String)
        {
            return new ToolResult(true, AddedSteps: steps);
        }
        try
        {
            return new ToolResult(true, AddedSteps: JsonElement.Parse(steps.GetString()!));
        }
        catch (JsonException e)
        {
            return ToolResult.Fail(new AegisError("AEGIS2001", $"input of plan.extend at steps: {e.Message}",
                "an array of steps, or its JSON text", null, "see docs/tools.md, plan.extend"));
        }
    }
}

/// <summary>Input of plan.extend.</summary>
/// <param name="Steps">An array of steps, or the same as JSON text (what a model or a script left).</param>
public sealed record PlanExtendInput([property: Required] JsonElement Steps);
