using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>How a specification is built: document 0's <c>current_plan</c>.</summary>
/// <param name="DatabaseSchema">In SQL or words; null where nothing is stored.</param>
public sealed record PlanProposal(
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Stack,
    [property: StringLength(ContractText.LongMax)] string? DatabaseSchema,
    [property: Length(1, 1_000)] ImmutableArray<string> FileStructure,
    [property: Length(1, ContractText.ListMax)] ImmutableArray<ProposedTask> Tasks,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<string>? Decisions = null)
    : IValidatableObject
{
    /// <summary>The tasks are a DAG, by unique ids.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var task in Tasks.Where(task => !ids.Add(task.Id)))
        {
            yield return new ValidationResult($"there are two tasks {task.Id}", ["Tasks"]);
        }
        foreach (var (task, need) in Tasks.SelectMany(t => t.Needs.Where(n => !ids.Contains(n)),
            (task, need) => (task.Id, need)))
        {
            yield return new ValidationResult($"task {task} needs {need}, and there is no such task",
                ["Tasks"]);
        }
        if (Circle() is { } circle)
        {
            yield return new ValidationResult($"tasks need each other in a circle: {circle}", ["Tasks"]);
        }
    }

    // what cannot be taken away, one task without open needs after the other, is a circle
    private string? Circle()
    {
        var open = Tasks.GroupBy(t => t.Id).ToDictionary(g => g.Key, g => g.First().Needs);
        while (open.FirstOrDefault(t => !t.Value.Any(open.ContainsKey)) is { Key: { } free })
        {
            open.Remove(free);
        }
        return open.Count == 0 ? null : string.Join(", ", open.Keys.Order(StringComparer.Ordinal));
    }
}

/// <param name="Agent">Who does it, such as <c>builder-backend</c>.</param>
/// <param name="Inputs">What it may count on.</param>
/// <param name="Outputs">What it must leave.</param>
/// <param name="Files">The files that it owns.</param>
public sealed record ProposedTask(
    [property: Required, RegularExpression(ContractText.Id)] string Id,
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string Title,
    [property: Required, RegularExpression(ContractText.Id)] string Agent,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<string> Needs,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<IoContract> Inputs,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<IoContract> Outputs,
    [property: Length(0, 1_000)] ImmutableArray<string> Files,
    [property: StringLength(ContractText.LongMax)] string? Instructions = null);

/// <param name="Type">Such as file, endpoint, table, function.</param>
public sealed record IoContract(
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string Name,
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string Type,
    [property: StringLength(ContractText.TextMax)] string? Description = null);
