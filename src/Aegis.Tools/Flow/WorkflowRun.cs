using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Children;
using Aegis.Gate;

namespace Aegis.Tools.Flow;

/// <summary><c>workflow.run</c>: a registered workflow of the same project as a run of its own. The call only
/// asks for it; the engine starts it once that is a fact, and the step ends with it.</summary>
public sealed class WorkflowRun : Tool<WorkflowRunInput>
{
    public override ToolDescriptor Descriptor { get; } = new("workflow.run", "tools:flow", ToolEffect.Pure,
        "Runs a registered workflow and ends with it.", RunsInline: true)
    {
        NeedsRun = true,
    };

    protected override ValueTask<ToolResult> InvokeAsync(WorkflowRunInput input, Execution execution,
        CancellationToken cancel) => ValueTask.FromResult(Answer(input));

    private static ToolResult Answer(WorkflowRunInput input)
    {
        if (!IdRule.IsValid(input.Workflow))
        {
            return Refused("workflow", "a registered workflow's name", input.Workflow);
        }
        if (input.Repository is { } repository && !IdRule.IsValid(repository))
        {
            return Refused("repository", "a repository's name", repository);
        }
        if (input.Inputs is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) } inputs)
        {
            return Refused("inputs", "a map", inputs.ValueKind.ToString().ToLowerInvariant());
        }
        return input.Inputs?.GetRawText().Length > ChildRuns.InputsCharsMax
            ? Refused("inputs", $"at most {ChildRuns.InputsCharsMax} characters of JSON",
                $"{input.Inputs.Value.GetRawText().Length}")
            : new ToolResult(true, Child: new ChildRequest(input.Workflow,
                input.Inputs is { ValueKind: JsonValueKind.Object } given ? Given(given) : null,
                input.Repository, input.Ref));
    }

    // an input that this run was not given is none that it gives
    private static JsonElement Given(JsonElement inputs) =>
        inputs.EnumerateObject().Any(i => i.Value.ValueKind == JsonValueKind.Null)
            ? JsonSerializer.SerializeToElement(inputs.EnumerateObject()
                .Where(i => i.Value.ValueKind != JsonValueKind.Null).ToDictionary(i => i.Name, i => i.Value))
            : inputs;

    private static ToolResult Refused(string member, string expected, string got) =>
        ToolResult.Fail(new AegisError("AEGIS2001", $"input of workflow.run at {member}", expected,
            got.Length <= 64 ? got : got[..64], "see docs/tools.md, workflow.run"));
}

/// <summary>Input of workflow.run.</summary>
/// <param name="Workflow">A registered workflow's name.</param>
/// <param name="Inputs">A map of its inputs.</param>
/// <param name="Repository">A repository of the project; this run's own at its very commit where left
/// out.</param>
/// <param name="Ref">A branch of it.</param>
public sealed record WorkflowRunInput([property: Required] string Workflow, JsonElement? Inputs = null,
    string? Repository = null, [property: MaxLength(255)] string? Ref = null);
