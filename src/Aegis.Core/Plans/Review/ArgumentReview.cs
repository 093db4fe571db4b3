using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Expressions;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Rules;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;

namespace Aegis.Core.Plans.Review;

/// <summary>What the gate will say of a step's input, as far as that is known before it runs.</summary>
/// <param name="Line">Null where the tool takes no command line.</param>
/// <param name="Address">Its host and port where that is known; null where the tool takes no address.</param>
/// <param name="Verdict">Null where the line or the address holds expressions: it is judged when the step
/// starts.</param>
/// <param name="Later">Rules that look at members which hold expressions: they are asked when the step
/// starts.</param>
public sealed record ArgumentReview(
    string? Line, string? Address, ArgumentVerdict? Verdict, ImmutableArray<string> Later)
{
    internal static ArgumentReview Of(Plan plan, PlanTask task, ToolFact? fact,
        ProfilePolicies profile, ImmutableArray<TierGrant> tiers)
    {
        var line = LineOf(task, fact);
        var address = line is null ? Text(task, fact?.UrlInput) : null;
        var concerned = profile.Rules.Where(r => r.Concerns(task.Tool)).ToLookup(r => IsKnown(r, task));
        if (!new[] { fact?.CommandInput, fact?.ArgsInput, fact?.UrlInput }.OfType<string>()
            .All(member => IsConstant(task, member)))
        {
            return new ArgumentReview(
                line, address, null, [.. concerned.SelectMany(r => r).Select(r => r.Id)]);
        }
        var verdict = ArgumentPolicy.Judge(new CallSubject(task.Tool, task.With, line, address), plan.Policy,
            profile with { Rules = [.. concerned[true]] }, tiers);
        var target = address is not null && EgressTarget.ReadUrl(address).Url is { } url
            ? EgressTarget.Of(url).ToString() : address;
        return new ArgumentReview(line, target, verdict, [.. concerned[false].Select(r => r.Id)]);
    }

    private static bool IsKnown(ArgumentRule rule, PlanTask task) =>
        rule.Where.All(w => w.Path.Split('.')[0] is var member && IsConstant(task, member));

    private static bool IsConstant(PlanTask task, string member) =>
        task.With.ValueKind != JsonValueKind.Object || !task.With.TryGetProperty(member, out var value)
        || !Template.HasExpressions(member, value);

    private static string? LineOf(PlanTask task, ToolFact? fact) =>
        Text(task, fact?.CommandInput) is not { } command || fact?.ArgsInput is not { } member
            || !task.With.TryGetProperty(member, out var args) || args.ValueKind != JsonValueKind.Array
            ? Text(task, fact?.CommandInput)
            : CommandWords.Line([command, .. args.EnumerateArray()
                .Select(a => a.ValueKind == JsonValueKind.String ? a.GetString()! : a.GetRawText())]);

    private static string? Text(PlanTask task, string? member) =>
        member is not null && task.With.ValueKind == JsonValueKind.Object
            && task.With.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;
}
