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
public sealed record PlanTasksInput(
    [property: Required] JsonElement Plan,
    [property: Required, RegularExpression(PlanTasks.Reference)] string From,
    [property: Required, RegularExpression(ContractText.Id)] string Workflow,
    [property: Required, StringLength(150, MinimumLength = 1)] string Branch,
    ImmutableSortedDictionary<string, string>? Inputs = null) : IValidatableObject
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

    protected override ValueTask<ToolResult> InvokeAsync(PlanTasksInput input, Execution execution,
        CancellationToken cancel) => ValueTask.FromResult(Answer(input));

    private static ToolResult Answer(PlanTasksInput input)
    {
        var bound = ReplyContract.All[nameof(PlanProposal)].Bind(input.Plan);
        if (bound.Json is not { } plan)
        {
            return ToolResult.Fail(new AegisError("AEGIS2733", "the plan cannot be built",
                "a PlanProposal", string.Join("; ", bound.Errors), "ask the architect again"));
        }
        var tasks = plan.GetProperty("tasks").EnumerateArray().ToList();
        var needs = tasks.ToDictionary(Id, Needs, StringComparer.Ordinal);
        return new ToolResult(true, $"{tasks.Count} tasks", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["steps"] = new JsonArray([.. tasks.Select((t, at) => Step(input, t, at, needs))]),
            ["branches"] = new JsonArray([.. Order(needs).Select(id => (JsonNode)BranchOf(input, id))]),
        }));
    }

    private static JsonObject Step(PlanTasksInput input, JsonElement task, int at,
        Dictionary<string, ImmutableArray<string>> needs)
    {
        var above = Above(needs, Id(task));
        var inputs = new JsonObject
        {
            ["task"] = string.Create(CultureInfo.InvariantCulture, $"${{{{ {input.From}.tasks[{at}] }}}}"),
            ["branch"] = BranchOf(input, Id(task)),
            ["branches"] = new JsonArray([.. Order(needs).Where(above.Contains)
                .Select(id => (JsonNode)BranchOf(input, id))]),
        };
        foreach (var (name, value) in input.Inputs ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            inputs[name] = $"${{{{ {value} }}}}";
        }
        return new JsonObject
        {
            ["id"] = StepOf(Id(task)),
            ["uses"] = "workflow.run",
            ["needs"] = new JsonArray([.. needs[Id(task)].Select(n => (JsonNode)StepOf(n))]),
            ["with"] = new JsonObject { ["workflow"] = input.Workflow, ["inputs"] = inputs },
        };
    }

    // a plan may call a task as the line calls a step of its own
    private static string StepOf(string id) => $"task-{id}";

    private static string BranchOf(PlanTasksInput input, string id) => $"{input.Branch}/{id}";

    private static string Id(JsonElement task) => task.GetProperty("id").GetString()!;

    private static ImmutableArray<string> Needs(JsonElement task) =>
        [.. task.GetProperty("needs").EnumerateArray().Select(n => n.GetString()!).Distinct()];

    private static HashSet<string> Above(Dictionary<string, ImmutableArray<string>> needs, string id)
    {
        var above = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(needs[id]);
        while (open.TryPop(out var next))
        {
            if (above.Add(next))
            {
                foreach (var further in needs[next])
                {
                    open.Push(further);
                }
            }
        }
        return above;
    }

    /// <summary>Each behind those that it needs; the contract has no circles.</summary>
    private static List<string> Order(Dictionary<string, ImmutableArray<string>> needs)
    {
        var done = new List<string>();
        while (done.Count < needs.Count)
        {
            done.AddRange(needs.Where(n => !done.Contains(n.Key) && n.Value.All(done.Contains))
                .Select(n => n.Key).ToList());
        }
        return done;
    }

    [GeneratedRegex(Reference, RegexOptions.CultureInvariant)]
    private static partial Regex ReferencePattern();
}
