using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;

namespace Aegis.Core.Plans.Review;

/// <summary>What one model call of a task costs. The worst case is the bytes of the prompt, which bound its
/// tokens, and the longest reply.</summary>
internal static class ModelCost
{
    public static (CostBound Cost, AegisError? Error) OfOne(PlanTask task, ModelSight sight)
    {
        if (sight.Profile?.Rehearsal is not null)
        {
            return (Rehearsed(task, sight.Rehearsal), null);
        }
        var (provider, model) = (Text(task, "provider"), Text(task, "model"));
        if (Template.HasExpressions(provider ?? "") || Template.HasExpressions(model ?? ""))
        {
            return (new CostBound(0, null,
                [$"{task.StepId}: which model answers is known when the step starts"]), null);
        }
        return sight.PriceOf(provider, model) is { } price
            ? (Priced(task, price, sight), null)
            : (new CostBound(0, null, [$"{task.StepId}: {Shown(provider, model)} has no known price"]),
                NoPrice(task, provider, model, sight));
    }

    private static CostBound Priced(PlanTask task, SeenPrice price, ModelSight sight)
    {
        var why = new List<string>();
        if (price.Note is not null)
        {
            why.Add($"{task.StepId}: {price.Note}");
        }
        long input;
        if (task.WithIsConstant)
        {
            input = PromptTokens.Bound(Messages(task));
        }
        else
        {
            input = Template.TextMax + PromptTokens.OfAMessage;
            why.Add($"{task.StepId}: the prompt holds expressions, so it is taken to have "
                + $"{Template.TextMax:N0} bytes");
        }
        var asked = Number(task, "max_tokens");
        if (asked is null && sight.Profile is null)
        {
            why.Add($"{task.StepId}: without max_tokens a reply is taken to have {sight.ReplyTokens:N0} "
                + "tokens, which a profile may change");
        }
        var longest = Math.Min(asked ?? sight.ReplyTokens, price.OutputTokensMax ?? int.MaxValue);
        return new CostBound(price.Rates.Cost(1, 1), Dearest(price.Rates, input, longest), why);
    }

    // a shorter prompt can be the dearer one where a long one has a price of its own
    private static decimal Dearest(TokenRates rates, long input, long output) => Math.Max(
        rates.Cost(input, output),
        rates.Long is { } other ? rates.Cost(Math.Min(input, other.AboveInputTokens), output) : 0);

    private static CostBound Rehearsed(PlanTask task, RehearsalFile? rehearsal)
    {
        var (role, turn) = (Text(task, "role") ?? "user", Number(task, "turn") ?? 1);
        var prompt = Messages(task).LastOrDefault() ?? "";
        var turns = (rehearsal?.Turns ?? []).Where(t => t.Path == RehearsedPath.Chat
            && (rehearsal!.Mode == RehearsalMode.Strict || (t.Role == role && t.Turn == turn))
            && (!task.WithIsConstant || t.Matches(prompt))).ToList();
        // the first that matches is taken; a prompt that is not known yet may be any of them
        return turns.Count == 0
            ? CostBound.Nothing with { Why =
                [$"{task.StepId}: its prompt is not in the rehearsal, so it fails"] }
            : new CostBound(
                task.WithIsConstant ? turns[0].CostUsd : turns.Min(t => t.CostUsd),
                task.WithIsConstant ? turns[0].CostUsd : turns.Max(t => t.CostUsd),
                [$"{task.StepId}: a rehearsal answers ({rehearsal!.Origin}) and states its cost"]);
    }

    private static AegisError NoPrice(PlanTask task, string? provider, string? model, ModelSight sight) =>
        new("AEGIS1180",
            $"the price of {Shown(provider, model)} in step {task.StepId} is not known, "
                + "and there is a cap on cost",
            "a price in the profile or in the catalogue", null, sight.Profile is null
                ? "name the project's profile with --profile FILE, state the price there, "
                    + "or remove max_cost_usd"
                : "add the price to the profile, or remove max_cost_usd");

    private static string Shown(string? provider, string? model) =>
        $"{(provider is null ? "" : provider + "'s ")}model {model ?? ModelChoice.DefaultAlias}";

    private static IEnumerable<string> Messages(PlanTask task)
    {
        if (Text(task, "prompt") is { } prompt)
        {
            yield return prompt;
        }
        if (task.With.TryGetProperty("messages", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var message in list.EnumerateArray())
            {
                if (message.ValueKind == JsonValueKind.Object
                    && message.TryGetProperty("content", out var content)
                    && content.ValueKind == JsonValueKind.String)
                {
                    yield return content.GetString()!;
                }
            }
        }
    }

    private static string? Text(PlanTask task, string name) =>
        task.With.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    private static int? Number(PlanTask task, string name) =>
        task.With.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var number) ? number : null;
}
