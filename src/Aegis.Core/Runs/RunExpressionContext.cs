using System.Text.Json;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;

namespace Aegis.Core.Runs;

/// <summary>What the expressions of one task of a run can see; members are made when asked for.</summary>
internal sealed class RunExpressionContext(RunState run, PlanTask task) : ExpressionContext
{
    public override bool Success => !run.Tasks[task.Index].AboveFailed && !Cancelled;

    public override bool Failure => run.Tasks[task.Index].AboveFailed && !Cancelled;

    public override bool Cancelled => run.Status == RunStatus.Stopping;

    public override ExpressionValue? Root(string name) => name switch
    {
        "inputs" => Json(run.Start.Inputs),
        "context" => Json(run.Start.Context),
        "env" => new ExpressionValue.ObjectValue(new EnvMembers(run.Plan.Env, task.Env)),
        "steps" => new ExpressionValue.ObjectValue(new StepMembers(run, task)),
        "run" => new ExpressionValue.ObjectValue(new RunMembers(run)),
        _ => null,
    };

    private static ExpressionValue Json(JsonElement? json) =>
        json is { } value ? ExpressionValue.FromJson(value) : ExpressionValue.Null;

    private sealed class RunMembers(RunState run) : IExpressionObject
    {
        public ExpressionValue? Get(string name) => name switch
        {
            "id" => ExpressionValue.Of(run.Start.RunId),
            "plan_id" => ExpressionValue.Of(run.Start.PlanId),
            "name" => ExpressionValue.Of(run.Start.Name),
            "actor" => ExpressionValue.Of(run.Start.Actor),
            _ => null,
        };

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() =>
            new[] { "id", "plan_id", "name", "actor" }.Select(n => KeyValuePair.Create(n, Get(n)!));
    }

    private sealed class EnvMembers(IReadOnlyDictionary<string, string> plan, IReadOnlyDictionary<string, string> own)
        : IExpressionObject
    {
        public ExpressionValue? Get(string name) =>
            own.TryGetValue(name, out var value) || plan.TryGetValue(name, out value)
                ? ExpressionValue.Of(value)
                : null;

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() =>
            plan.Keys.Union(own.Keys).Select(n => KeyValuePair.Create(n, Get(n)!));
    }

    /// <summary>Only what the task needs, directly or not: another step's state would depend on timing.</summary>
    private sealed class StepMembers(RunState run, PlanTask task) : IExpressionObject
    {
        public ExpressionValue? Get(string name) => run.Graph.IndexOf(name) is { } index
            ? new ExpressionValue.ObjectValue(new OneStep(run, index))
            : null;

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() =>
            run.Graph.Ancestors(task.Index).Select(i => run.Plan.Tasks[i].StepId)
                .Select(id => KeyValuePair.Create(id, Get(id)!));
    }

    private sealed class OneStep(RunState run, int index) : IExpressionObject
    {
        private static readonly string[] Names =
            ["outcome", "conclusion", "ok", "status", "output", "outputs", "error", "attempts"];

        public ExpressionValue? Get(string name)
        {
            var state = run.Tasks[index];
            return name switch
            {
                "outcome" => ExpressionValue.Of(state.Outcome),
                "conclusion" => ExpressionValue.Of(state.Outcome == "failure" && run.Plan.Tasks[index].ContinueOnError
                    ? "success"
                    : state.Outcome),
                "ok" => ExpressionValue.Of(state.Status == TaskStatus.Succeeded),
                "status" => ExpressionValue.Of(TaskStatusText.Of(state.Status)),
                "output" => ExpressionValue.Of(state.Output),
                "outputs" => Json(state.Outputs),
                "error" => ExpressionValue.Of(state.Error?.Message),
                "attempts" => ExpressionValue.Of((double)state.Attempt),
                _ => null,
            };
        }

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() =>
            Names.Select(n => KeyValuePair.Create(n, Get(n)!));
    }
}
