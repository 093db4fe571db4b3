using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Policy.Tiers;

namespace Aegis.Core.Plans.Review;

/// <summary>A workflow compiled and reviewed: a review, or every error of the file at once.</summary>
public sealed record PlanDiagnosis(PlanReview? Review, ImmutableArray<Diagnostic> Errors)
{
    /// <param name="tiers">Of the tenant and the key that will run it, where they are known.</param>
    public static PlanDiagnosis Of(ReadOnlyMemory<byte> source, string file, ToolFacts tools,
        ModelSight models, Func<string, bool>? knownZone = null, ImmutableArray<TierGrant> tiers = default)
    {
        var compiled = WorkflowCompiler.Compile(source, file, tools.Names, (tool, with) => Input(tools, tool,
            with),
            knownZone);
        if (compiled.Plan is not { } plan)
        {
            return new PlanDiagnosis(null, compiled.Diagnostics);
        }
        var review = PlanReview.Of(plan, tools, models, tiers.IsDefault ? [] : tiers);
        return review.Errors.IsEmpty ? new PlanDiagnosis(review, []) : new PlanDiagnosis(null,
        [
            .. review.Errors.Select(e => new Diagnostic(e.Error.Code == PlanCost.OverCap
                ? StepPlace.OfCap(source, file)
                : StepPlace.Of(source, file, plan.Tasks[e.Task].StepId, "model", "provider"), e.Error)),
        ]);
    }

    /// <summary>As much of a tool's own check as its facts allow: members that it does not know, and members
    /// that are missing.</summary>
    private static AegisError? Input(ToolFacts tools, string tool, System.Text.Json.JsonElement with)
    {
        if (tools.Find(tool) is not { } fact)
        {
            return null;
        }
        var names = fact.Inputs.Select(i => i.Name).ToList();
        foreach (var member in with.EnumerateObject())
        {
            if (!names.Contains(member.Name))
            {
                return new AegisError("AEGIS1182", $"{tool} takes no {ValueReader.Shown(member.Name)}",
                    names.Count == 0 ? "no members" : string.Join(", ", names),
                        ValueReader.Shown(member.Name),
                    NearestName.Of(member.Name, names) is { } near ? $"did you mean {near}?" : null);
            }
        }
        var missing = fact.Inputs.FirstOrDefault(i => i.Required && !with.TryGetProperty(i.Name, out _));
        return missing is null ? null : new AegisError("AEGIS1183", $"{tool} needs {missing.Name}",
            $"{missing.Name}: {missing.Type ?? "a value"}", null, $"add {missing.Name} to with");
    }
}
