using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aegis.Agents.Contracts;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Agents.Line;

/// <param name="Plan">The architect's plan.</param>
/// <param name="From">Where the plan stands in the run, as an expression.</param>
/// <param name="Workflow">The registered or shipped workflow that does one task.</param>
/// <param name="Branch">The branches of the tasks are called <c>BRANCH/TASK</c>.</param>
/// <param name="Inputs">More inputs of that workflow, the same for every task: expressions.</param>
/// <param name="Again">Of a plan that was made anew: what <c>plan.replan</c> left, with the tasks that have
/// ended well. They stay as they are and are not done again.</param>
public sealed record PlanTasksInput(
    [property: Required] JsonElement Plan,
    [property: Required, RegularExpression(PlanTasks.Reference)] string From,
    [property: Required, RegularExpression(ContractText.Id)] string Workflow,
    [property: Required, StringLength(150, MinimumLength = 1)] string Branch,
    ImmutableSortedDictionary<string, string>? Inputs = null,
    Finished? Again = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, value) in Inputs ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            if (name is "task" or "branch" or "branches" || !PlanTasks.IsReference(value))
            {
                yield return new ValidationResult($"inputs.{name} is not task, branch or branches, and its "
                    + "value is an expression such as steps.spec.outputs.reply");
            }
        }
    }
}

/// <param name="Round">1 for the first plan made anew.</param>
/// <param name="Tasks">The tasks that have ended well, as the plan before had them.</param>
public sealed record Finished(
    [property: Range(1, PlanReplan.ReplansMax)] int Round,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<JsonElement> Tasks);

/// <summary>
/// Turns a plan's tasks into the steps that do them, for <c>plan.extend</c>: a run of a workflow for each,
/// behind those that it needs. Such a run works in a work tree of its own and leaves a branch; it is given
/// the branches of the tasks that its own stands on. The steps name where the plan's words stand and never
/// hold them: words of a model are no part of a workflow.
/// </summary>
public sealed partial class PlanTasks : Tool<PlanTasksInput>
{
    /// <summary>An expression that reads something and does nothing.</summary>
    public const string Reference = @"^(steps|inputs|context|run)(\.[A-Za-z_][A-Za-z0-9_-]*|\[[0-9]+\])+$";

    public override ToolDescriptor Descriptor { get; } = new("plan.tasks", "tools:flow", ToolEffect.Pure,
        "Turns a plan's tasks into the steps that do them.", RunsInline: true);

    internal static bool IsReference(string text) => text.Length <= 200 && ReferencePattern().IsMatch(text);

    /// <summary>A plan may call a task as the line calls a step of its own, and a task that is done anew has
    /// a step already.</summary>
    internal static string StepOf(string id, int round) =>
        round == 0 ? $"task-{id}" : string.Create(CultureInfo.InvariantCulture, $"again{round}-{id}");

    protected override ValueTask<ToolResult> InvokeAsync(PlanTasksInput input, Execution execution,
        CancellationToken cancel) => ValueTask.FromResult(Answer(input));

    private static ToolResult Answer(PlanTasksInput input)
    {
        if (PlannedTasks.Read(input.Plan, out var wrong) is not { } plan)
        {
            return Refused(string.Join("; ", wrong));
        }
        var done = (input.Again?.Tasks ?? []).ToDictionary(PlannedTasks.IdOf, StringComparer.Ordinal);
        var changed = done
            .Where(t => plan.Find(t.Key) is not { } now || !JsonElement.DeepEquals(now, t.Value))
            .Select(t => t.Key).Order(StringComparer.Ordinal).ToList();
        if (changed.Count > 0)
        {
            return Refused($"finished tasks are changed or left out: {string.Join(", ", changed)}");
        }
        var open = plan.All.Index().Where(t => !done.ContainsKey(PlannedTasks.IdOf(t.Item))).ToList();
        return new ToolResult(true, $"{open.Count} tasks", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["steps"] = new JsonArray([.. open.Select(t => Step(input, t.Item, t.Index, plan, done.Keys))]),
            ["branches"] = new JsonArray([.. plan.Order().Select(id => (JsonNode)BranchOf(input, id))]),
        }));
    }

    private static ToolResult Refused(string got) => ToolResult.Fail(new AegisError("AEGIS2733",
        "the plan cannot be built", "a PlanProposal, with the tasks that are finished as they were", got,
        "ask the architect again"));

    private static JsonObject Step(PlanTasksInput input, JsonElement task, int at, PlannedTasks plan,
        ICollection<string> done)
    {
        var (id, round) = (PlannedTasks.IdOf(task), input.Again?.Round ?? 0);
        var above = plan.Above(id);
        var inputs = new JsonObject
        {
            ["task"] = string.Create(CultureInfo.InvariantCulture, $"${{{{ {input.From}.tasks[{at}] }}}}"),
            ["branch"] = BranchOf(input, id),
            ["branches"] = new JsonArray([.. plan.Order().Where(above.Contains)
                .Select(i => (JsonNode)BranchOf(input, i))]),
        };
        foreach (var (name, value) in input.Inputs ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            inputs[name] = $"${{{{ {value} }}}}";
        }
        return new JsonObject
        {
            ["id"] = StepOf(id, round),
            ["uses"] = "workflow.run",
            ["needs"] = new JsonArray([.. plan.NeedsOf(id).Except(done)
                .Select(n => (JsonNode)StepOf(n, round))]),
            ["with"] = new JsonObject { ["workflow"] = input.Workflow, ["inputs"] = inputs },
        };
    }

    private static string BranchOf(PlanTasksInput input, string id) => $"{input.Branch}/{id}";

    [GeneratedRegex(Reference, RegexOptions.CultureInvariant)]
    private static partial Regex ReferencePattern();
}
