using System.Text;
using System.Text.Json;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;

namespace Aegis.Core.Runs.Retries;

/// <summary>Everything that a task was asked, rendered, as one text: two runs that asked a task the same can
/// share its answer.</summary>
internal static class TaskQuestion
{
    public static string Of(RunState run, PlanTask task)
    {
        var text = new StringBuilder();
        Condition(text, run, task);
        foreach (var index in run.Graph.WithMembers(task.Index))
        {
            Input(text, run, run.Plan.Tasks[index]);
        }
        return text.ToString();
    }

    private static void Condition(StringBuilder text, RunState run, PlanTask task)
    {
        var context = new RunExpressionContext(run, task);
        var met = Expressions.Condition.Evaluate(task.If, context);
        text.Append(met.Value).Append(met.Error).Append('\n');
        if (task.Options.Foreach is { } items)
        {
            Add(text, Template.Render(items.Items, context));
        }
        foreach (var name in task.Options.Locks)
        {
            var rendered = Template.RenderText(name, context);
            text.Append(rendered.Value).Append(rendered.Error).Append('\n');
        }
    }

    private static void Input(StringBuilder text, RunState run, PlanTask task)
    {
        var (state, context) = (run.Tasks[task.Index], new RunExpressionContext(run, task));
        // the step of a group runs nothing itself
        if (task.Options is { Foreach: null, Repeat: null })
        {
            if (Rendered.TryMake(run, task, out var input, out var env, out var error))
            {
                text.Append(input.GetRawText());
                text.AppendJoin('\0', env.Select(e => $"{e.Key}={e.Value}")).Append('\n');
            }
            else
            {
                text.Append(error).Append('\n');
            }
        }
        var self = new RunExpressionContext(run, task, new SelfResult(task.Index, state));
        foreach (var output in task.Options.Outputs)
        {
            Add(text, Template.Render(JsonSerializer.SerializeToElement(output.Value), self));
        }
        if (task.Options.Repeat is { } repeat)
        {
            var until = Expressions.Condition.EvaluateBare(repeat.Until, self);
            text.Append(until.Value).Append(until.Error).Append('\n');
        }
    }

    private static void Add(StringBuilder text, RenderResult rendered) =>
        text.Append(rendered.Value?.GetRawText()).Append(rendered.Error).Append('\n');
}
