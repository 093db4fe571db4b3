using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;

namespace Aegis.Core.Runs;

/// <summary>A task's input and environment with their expressions evaluated.</summary>
internal static class Rendered
{
    public static bool TryMake(RunState run, PlanTask task, out JsonElement input,
        out ImmutableSortedDictionary<string, string> env, out AegisError? error)
    {
        error = null;
        input = task.With;
        env = run.Plan.Env.IsEmpty ? task.Env : run.Plan.Env.SetItems(task.Env);
        if (task.WithIsConstant)
        {
            return true;
        }
        var context = new RunExpressionContext(run, task);
        var rendered = Template.Render(task.With, context);
        if (rendered.Error is not null)
        {
            error = rendered.Error;
            return false;
        }
        input = rendered.Value!.Value;
        if (env.IsEmpty)
        {
            return true;
        }
        var whole = Template.Render(JsonSerializer.SerializeToElement(env), context);
        error = whole.Error;
        env = whole.Value is { } value
            ? value.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => Text(p.Value))
            : env;
        return error is null;
    }

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
