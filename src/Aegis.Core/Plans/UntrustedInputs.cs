using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Expressions;
using Aegis.Core.Plans.Triggers;

namespace Aegis.Core.Plans;

/// <summary>Inputs are a caller's own words and may stand in shell text, unless something fills them with
/// text that an outsider or a model wrote: a trigger from its context, or a step that starts a run from what
/// it has read. Which those are, and which inputs reach shell text, is told here.</summary>
public static class UntrustedInputs
{
    /// <summary>Stands for every input, where what fills them is computed as a whole.</summary>
    public const string Every = "*";

    /// <summary>Inputs that a trigger fills with an outsider's text.</summary>
    public static ImmutableHashSet<string> OfTriggers(ImmutableArray<Trigger> triggers) =>
        triggers.Where(t => t.Inputs is not null)
            .SelectMany(t => t.Inputs!.Value.EnumerateObject())
            .Where(i => References(i.Value).Any(TaintedEnv.IsUntrusted))
            .Select(i => i.Name).ToImmutableHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Inputs that a step gives to the run it starts, and whose text an outsider may have
    /// chosen.</summary>
    /// <param name="given">Inputs of the step's own run that are not to be trusted.</param>
    public static ImmutableArray<string> OfStep(Plan plan, PlanTask task, ImmutableHashSet<string> given)
    {
        if (!task.With.TryGetProperty("inputs", out var inputs))
        {
            return [];
        }
        var env = TaintedEnv.Names(plan.Env.SetItems(task.Env), given);
        var foreachSpec = task.Options.Foreach
            ?? (task.Member is { } member ? plan.Tasks[member.Group].Options.Foreach : null);
        bool Untrusted(ExpressionReference reference) => reference.Root switch
        {
            "env" => reference.Path is [var name, ..] ? env.Contains(name) : env.Count > 0,
            "inputs" => Names(reference, given),
            "steps" or "context" or "run" or "index" or "secrets" => TaintedEnv.IsUntrusted(reference),
            _ => foreachSpec is { } items && Template.HasExpressions(items.Items),
        };
        return inputs.ValueKind != JsonValueKind.Object
            ? References(inputs).Any(Untrusted) ? [Every] : []
            : [.. inputs.EnumerateObject().Where(i => References(i.Value).Any(Untrusted))
                .Select(i => i.Name)];
    }

    /// <summary>The first input among these that some step of a plan puts into shell text; null for
    /// none.</summary>
    public static (string Input, string Step)? ReachingShell(Plan plan, ImmutableArray<string> untrusted)
    {
        var names = untrusted.ToImmutableHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var task in untrusted.IsEmpty ? [] : plan.Tasks)
        {
            var env = TaintedEnv.Names(plan.Env.SetItems(task.Env), names, inputsOnly: true);
            foreach (var reference in CommandReferences(task.With, inCommand: false))
            {
                if (reference.Root == "inputs" && Names(reference, names))
                {
                    return (reference.Path.FirstOrDefault() ?? Every, task.StepId);
                }
                if (reference.Root == "env"
                    && (reference.Path is [var name, ..] ? env.Contains(name) : env.Count > 0))
                {
                    return (string.Join(", ", untrusted), task.StepId);
                }
            }
        }
        return null;
    }

    /// <summary>Whether a read of <c>inputs</c> may meet one of these.</summary>
    internal static bool Names(ExpressionReference reference, ImmutableHashSet<string> untrusted) =>
        !untrusted.IsEmpty && (untrusted.Contains(Every) || reference.Path.IsEmpty
            || untrusted.Contains(reference.Path[0]));

    private static IEnumerable<ExpressionReference> References(JsonElement template) =>
        template.ValueKind switch
        {
            JsonValueKind.String => OfText(template.GetString()!, readsShortForm: true),
            JsonValueKind.Array => template.EnumerateArray().SelectMany(References),
            JsonValueKind.Object => template.EnumerateObject().SelectMany(m => References(m.Value)),
            _ => [],
        };

    private static IEnumerable<ExpressionReference> CommandReferences(JsonElement template, bool inCommand) =>
        template.ValueKind switch
        {
            JsonValueKind.String when inCommand => OfText(template.GetString()!, readsShortForm: false),
            JsonValueKind.Array => template.EnumerateArray()
                .SelectMany(i => CommandReferences(i, inCommand)),
            JsonValueKind.Object => template.EnumerateObject()
                .SelectMany(m => CommandReferences(m.Value, inCommand || m.Name == Template.CommandKey)),
            _ => [],
        };

    private static IEnumerable<ExpressionReference> OfText(string text, bool readsShortForm) =>
        TemplateText.Parse(text, readsShortForm).Parts.SelectMany(p => p.Expression?.References ?? [])
            .Where(r => r.ReachesResult);
}
