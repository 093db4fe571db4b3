using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Agents.Line;

/// <param name="Plan">The plan that was being built.</param>
/// <param name="Results">What <c>plan.extend</c> left when its steps failed, of each plan so far, the first
/// one first.</param>
public sealed record PlanReplanInput(
    [property: Required] JsonElement Plan,
    [property: Required, MinLength(1)] ImmutableArray<JsonElement> Results);

/// <summary>
/// Says which part of a plan is to be made anew: the tasks whose hand-over did not fit or of which a person
/// said so, and those that need them. A task that failed for another reason fails this step too: a new plan
/// mends no code.
/// </summary>
public sealed class PlanReplan : Tool<PlanReplanInput>
{
    /// <summary>How often a plan is made anew in one run.</summary>
    public const int ReplansMax = 2;

    /// <summary>Of the reasons, for the architect.</summary>
    public const int ReasonCharsMax = 4_000;

    public override ToolDescriptor Descriptor { get; } = new("plan.replan", "tools:flow", ToolEffect.Pure,
        "Says which tasks of a plan are to be planned anew, and why.", RunsInline: true);

    protected override ValueTask<ToolResult> InvokeAsync(PlanReplanInput input, Execution execution,
        CancellationToken cancel) => ValueTask.FromResult(Answer(input));

    private static ToolResult Answer(PlanReplanInput input)
    {
        if (PlannedTasks.Read(input.Plan, out var wrong) is not { } plan)
        {
            return ToolResult.Fail(new AegisError("AEGIS2733", "the plan cannot be built", "a PlanProposal",
                string.Join("; ", wrong), "ask the architect again"));
        }
        var ended = Ended(plan, input.Results);
        var failed = ended.Where(e => e.Outcome == "failure").ToList();
        if (failed.FirstOrDefault(e => e.Got != PlanHandover.Unfit) is { Id: { } other } broken)
        {
            return ToolResult.Fail(new AegisError("AEGIS2741", $"task {other} failed, and not for its plan",
                "only hand-overs that do not fit", broken.Why, "look at its run"));
        }
        if (failed.Count == 0)
        {
            return ToolResult.Fail(new AegisError("AEGIS2741", "no task has failed", "a failed task", "none",
                "ask only where the build has failed"));
        }
        return input.Results.Length <= ReplansMax ? Anew(plan, failed, ended, input.Results.Length)
            : ToolResult.Fail(new AegisError("AEGIS2742", "the plan was made anew as often as it may be",
                string.Create(CultureInfo.InvariantCulture, $"at most {ReplansMax} times"), failed[0].Why,
                "say more in the objective, or build it in smaller parts"));
    }

    private static ToolResult Anew(PlannedTasks plan, List<End> failed, List<End> ended, int round)
    {
        var finished = ended.Where(e => e.Outcome == "success").Select(e => e.Id).ToHashSet();
        var affected = failed.SelectMany(f => plan.Below(f.Id)).Except(failed.Select(f => f.Id))
            .Except(finished).Order(StringComparer.Ordinal).ToList();
        var why = string.Join('\n', failed.Select(f => $"Task {f.Id}: {f.Why}"));
        return new ToolResult(true, why, JsonSerializer.SerializeToElement(new JsonObject
        {
            ["failed"] = new JsonArray([.. failed.Select(f => (JsonNode)f.Id)]),
            ["affected"] = new JsonArray([.. affected.Select(a => (JsonNode)a)]),
            ["task"] = Words(failed, affected, finished, why),
            ["again"] = new JsonObject
            {
                ["round"] = round,
                ["tasks"] = new JsonArray([.. plan.All.Where(t => finished.Contains(PlannedTasks.IdOf(t)))
                    .Select(t => JsonNode.Parse(t.GetRawText()))]),
            },
        }));
    }

    private static string Words(List<End> failed, List<string> affected, HashSet<string> finished, string why)
        => $"""
        The plan is being built, and a part of it does not fit. Plan that part anew.
        To be planned anew: {string.Join(", ", failed.Select(f => f.Id).Concat(affected))}.
        Finished, to be repeated in your answer exactly as they are: {(finished.Count == 0 ? "none"
            : string.Join(", ", finished.Order(StringComparer.Ordinal)))}.
        Keep the ids of tasks that stay. Answer with the whole plan.

        {why}
        """;

    /// <summary>How each task of the plan ended at last.</summary>
    private static List<End> Ended(PlannedTasks plan, ImmutableArray<JsonElement> results)
    {
        var ended = new List<End>();
        foreach (var id in plan.All.Select(PlannedTasks.IdOf))
        {
            foreach (var (round, result) in results.Index().Reverse())
            {
                if (result.ValueKind == JsonValueKind.Object
                    && result.TryGetProperty(PlanTasks.StepOf(id, round), out var step))
                {
                    ended.Add(End.Of(id, step));
                    break;
                }
            }
        }
        return ended;
    }

    private sealed record End(string Id, string? Outcome, string? Got, string Why)
    {
        public static End Of(string id, JsonElement step)
        {
            var error = step.TryGetProperty("error", out var some) ? some : default;
            var why = Text(error, "message") ?? "";
            return new End(id, Text(step, "outcome"), Text(error, "got"),
                why.Length <= ReasonCharsMax ? why : why[..ReasonCharsMax]);
        }

        private static string? Text(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object
            && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString() : null;
    }
}
