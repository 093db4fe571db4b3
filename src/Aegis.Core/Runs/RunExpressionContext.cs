using System.Text.Json;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;
using Aegis.Core.Policy;

namespace Aegis.Core.Runs;

/// <summary>What a step's own expressions see of itself once it has a result: its outputs, and the condition
/// of a repeat.</summary>
internal readonly record struct SelfResult(int Index, TaskState State);

/// <summary>What the expressions of one task of a run can see, or those of the whole run where there is no
/// task; members are made when asked for.</summary>
internal sealed class RunExpressionContext(RunState run, PlanTask? task, SelfResult? self = null,
    JsonElement? error = null) : ExpressionContext
{
    public override FileHashes.IFileHashes? Files => task is null ? null : new RecordedHashes(
        self is { } own && own.Index == task.Index ? own.State.FileHashes : run.Tasks[task.Index].FileHashes);

    public override bool Success => !AboveFailed && !Cancelled;

    public override bool Failure => AboveFailed && !Cancelled;

    public override bool Cancelled => run.Status == RunStatus.Stopping;

    public override ExpressionValue? Root(string name) => name switch
    {
        "inputs" => Json(run.Start.Inputs),
        "context" => Json(run.Start.Context),
        "env" => new ExpressionValue.ObjectValue(new EnvMembers(run.Plan.Env, task?.Env ?? run.Plan.Env)),
        "steps" => new ExpressionValue.ObjectValue(new StepMembers(run, task, self)),
        "run" => new ExpressionValue.ObjectValue(new RunMembers(run)),
        "secrets" => new ExpressionValue.ObjectValue(new SecretMembers(run)),
        "item" => Json(Place?.Item),
        "index" => Place is { } member ? ExpressionValue.Of((double)member.Number)
            : ExpressionValue.Null,
        "error" when error is not null => Json(error),
        _ => IsItem(name) ? Json(Place!.Item) : null,
    };

    /// <summary>A turn of an agent sees what the agent's own step sees.</summary>
    private GroupMember? Place => task?.Member is { Turn: true } turn ? run.Plan.Tasks[turn.Group].Member
        : task?.Member;

    /// <summary>Whether the foreach calls its items so.</summary>
    private bool IsItem(string name) => Place is { } member
        && run.Plan.Tasks[member.Group].Options.Foreach is { } items
            && LetterCase.AreSameName(items.As, name);

    private bool AboveFailed => task is null ? run.AnyFailed : run.Tasks[task.Index].AboveFailed;

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

    /// <summary>Placeholders: the core knows no secret, and which names there are neither.</summary>
    private sealed class SecretMembers(RunState run) : IExpressionObject
    {
        public ExpressionValue? Get(string name) =>
            ExpressionValue.Of(SecretPlaceholder.Of(run.Start.RunId, name));

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() => [];
    }

    private sealed class EnvMembers(
        IReadOnlyDictionary<string, string> plan, IReadOnlyDictionary<string, string> own)
        : IExpressionObject
    {
        public ExpressionValue? Get(string name) =>
            own.TryGetValue(name, out var value) || plan.TryGetValue(name, out value)
                ? ExpressionValue.Of(value)
                : null;

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() =>
            plan.Keys.Union(own.Keys).Select(n => KeyValuePair.Create(n, Get(n)!));
    }

    /// <summary>Only what the task needs, directly or not: another step's state would depend on
    /// timing.</summary>
    private sealed class StepMembers(RunState run, PlanTask? task, SelfResult? self) : IExpressionObject
    {
        public ExpressionValue? Get(string name) => run.Graph.IndexOf(name) is { } index
            ? new ExpressionValue.ObjectValue(new OneStep(run, index,
                self is { } own && OwnStep(own) == index ? own.State : run.Tasks[index]))
            : null;

        /// <summary>An item of a foreach and an iteration of a repeat know themselves by their step's
        /// id.</summary>
        private int OwnStep(SelfResult own) => task?.Member is { } member
            && run.Plan.Tasks[member.Group].Options is { Foreach: not null } or { Repeat: not null }
            ? member.Group
            : own.Index;

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() => Visible()
            .Select(i => run.Plan.Tasks[i].StepId).Select(id => KeyValuePair.Create(id, Get(id)!));

        private IEnumerable<int> Visible()
        {
            var all = task is null
                ? run.Plan.Tasks.Where(t => t.Member is null).Select(t => t.Index)
                : run.Graph.Ancestors(task.Index);
            return self is { } own ? all.Append(OwnStep(own)) : all;
        }
    }

    private sealed class OneStep(RunState run, int index, TaskState state) : IExpressionObject
    {
        private static readonly string[] Names =
            ["outcome", "conclusion", "ok", "status", "output", "outputs", "error", "attempts", "answer"];

        public ExpressionValue? Get(string name) =>
            name switch
            {
                "outcome" => ExpressionValue.Of(state.Outcome),
                "conclusion" => ExpressionValue.Of(
                    state.Outcome == "failure" && run.Plan.Tasks[index].ContinueOnError
                    ? "success"
                    : state.Outcome),
                "ok" => ExpressionValue.Of(state.Status == TaskStatus.Succeeded),
                "status" => ExpressionValue.Of(TaskStatusText.Of(state.Status)),
                "output" => ExpressionValue.Of(state.Output),
                "outputs" => Json(state.Outputs),
                "error" => ExpressionValue.Of(state.Error?.Message),
                "attempts" => ExpressionValue.Of((double)state.Attempt),
                "answer" => state.Approval is { Granted: not null } asked
                    ? new ExpressionValue.ObjectValue(new HumanAnswer(asked)) : ExpressionValue.Null,
                _ => null,
            };

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() =>
            Names.Select(n => KeyValuePair.Create(n, Get(n)!));
    }

    private sealed class HumanAnswer(TaskApproval asked) : IExpressionObject
    {
        private static readonly string[] Names = ["granted", "actor", "reason"];

        public ExpressionValue? Get(string name) => name switch
        {
            "granted" => ExpressionValue.Of(asked.Granted == true),
            "actor" => ExpressionValue.Of(asked.Actor),
            "reason" => ExpressionValue.Of(asked.Reason),
            _ => null,
        };

        public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries() =>
            Names.Select(n => KeyValuePair.Create(n, Get(n)!));
    }
}
