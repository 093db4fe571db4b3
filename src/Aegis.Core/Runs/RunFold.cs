using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Children;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Runs;

/// <summary>Evolve: what a fact makes of a run. Pure and total over the facts of a run's stream; every other
/// fact is a broken invariant.</summary>
public static class RunFold
{
    public static RunState Start(RunStarted started, PlanGraph plan, DateTimeOffset at)
    {
        var graph = Retries.StepOverrides.Apply(plan, started.With);
        var tasks = graph.Plan.Tasks.Select(t =>
            new TaskState(t.Needs.IsEmpty ? TaskStatus.Ready : TaskStatus.Waiting, t.Needs.Length));
        return new RunState(started, at, graph, new TaskTable([.. tasks]), RunStatus.Running,
            graph.Plan.Tasks.Length, false, false, 0, null, at, null, Queued: started.Queued);
    }

    public static RunState Evolve(RunState run, RunEvent fact, DateTimeOffset at) => fact switch
    {
        TaskStarted e => Change(run, e.StepId, at, t => t with
        {
            Status = TaskStatus.Running,
            Attempt = e.Attempt,
            Tries = e.Recovery ? t.Tries : t.Tries + 1,
            Called = false,
            NotBefore = null,
            StartedAt = t.StartedAt ?? at,
            Replied = e.Recovery ? t.Replied : null,
        }),
        ToolCalled e => Change(run, e.StepId, at, t => t with { Called = true }),
        ToolDenied => run with { ChangedAt = at },
        ModelReplied e => Paid(Change(run, e.StepId, at, t => t with { Replied = e }), e.StepId, e.CostUsd,
            e.Models, at),
        // what a call within another one came to is told by that one
        ToolReturned { Within: not null } e => Paid(run, e.StepId, e.CostUsd, e.Models, at),
        ToolReturned e => ModelJudgements.OfTests(Returned(run, e, at), e, at),
        TaskCompleted e => End(run, e.StepId, at, TaskStatus.Succeeded, t => t with
        {
            Ok = true,
            Error = null,
            Output = e.Output,
            Outputs = e.Outputs,
            Layer = e.Layer,
        }),
        TaskFailed e => End(run, e.StepId, at, TaskStatus.Failed, t => t with
        {
            Ok = false,
            Error = e.Error,
            Output = e.Output,
            Outputs = e.Outputs,
        }),
        TaskSkipped e => End(run, e.StepId, at, TaskStatus.Skipped, t => t),
        TaskCancelled e => End(run, e.StepId, at, TaskStatus.Cancelled, t => t with { Ok = false }),
        TaskRetryScheduled e => Change(run, e.StepId, at, t => t with
        {
            Status = TaskStatus.RetryWait,
            NotBefore = e.NotBefore,
            Error = e.Error,
        }),
        TaskInDoubt e => Change(run, e.StepId, at, t => t with { Status = TaskStatus.InDoubt }),
        TaskResolved e => Change(run, e.StepId, at, t => t with { Status = TaskStatus.Ready, Layer = null }),
        BudgetExceeded e => run with
        {
            Status = RunStatus.Stopping,
            AnyFailed = true,
            StopReason = e.Kind == "cost"
                ? $"cost {e.Spent} USD exceeds max_cost_usd {e.Limit}"
                : $"ran longer than {e.Limit} ms",
            ChangedAt = at,
        },
        RunCancelRequested e => run with
        {
            Status = RunStatus.Stopping,
            CancelAsked = true,
            StopReason = e.Reason ?? $"cancelled by {e.Actor}",
            ChangedAt = at,
        },
        ForeachExpanded e => Groups.Grow(run, e.StepId, at, g => GroupTasks.OfItems(run, g, e.Items)),
        RepeatContinued e => Groups.Grow(run, e.StepId, at,
            g => [GroupTasks.OfIteration(run, g, e.Number)], e.NotBefore),
        TasksAdded e => Groups.Grow(
            Change(run, e.StepId, at, t => t with { Output = e.Output, Outputs = e.Outputs,
                Layer = e.Layer }),
            e.StepId, at, g => GroupTasks.Added(run, g, e.Steps)),
        ApprovalRequested e => Change(run, e.StepId, at, t => t with
        {
            Status = TaskStatus.Approval,
            NotBefore = e.ExpiresAt,
            // what the gate asks about was not tried, and holds nothing while it waits
            Tries = e.Rule is null ? t.Tries : t.Tries - 1,
            Locks = null,
            Approval = new TaskApproval(e.ApprovalId, e.Message, at, e.ExpiresAt, Rule: e.Rule,
                CallDigest: e.CallDigest, Policy: e.Policy, Queue: e.Queue),
        }),
        ApprovalGranted e => ModelJudgements.OfAnswer(Change(run, e.StepId, at, t => t with
        {
            Status = TaskStatus.Ready,
            NotBefore = null,
            Approved = true,
            Approval = Answered(t, true, e.Actor, e.Reason, at),
        }), e.StepId, at),
        ApprovalDenied e => ModelJudgements.OfAnswer(Change(run, e.StepId, at,
            t => t with { Approval = Answered(t, false, e.Actor, e.Reason, at) }), e.StepId, at),
        TaskFrozen e => Change(run, e.StepId, at, t => t with
        {
            Status = TaskStatus.Frozen,
            Error = e.Error,
            Layer = e.Layer,
        }),
        SLAViolated { StepId: { } step } => Change(run, step, at, t => t with { Overdue = true }),
        SLAViolated => run with { Overdue = true, ChangedAt = at },
        ReplanRequired => run with { ChangedAt = at },
        LockGranted e => Change(run, e.StepId, at, t => t with { Locks = e.Paths }),
        ResourceReleased or LockDenied => run with { ChangedAt = at },
        RunAdmitted => run with { Queued = false, ChangedAt = at },
        ChildRunRequested e => Change(run, e.StepId, at, t => t with
        {
            Status = TaskStatus.Child,
            NotBefore = e.Deadline,
            Child = new ChildRun(e.RunId, new ChildRequest(e.Workflow, e.Inputs, e.Repository, e.Ref)),
        }),
        ChildRunSpent e => Spent(run, e.StepId, e.CostUsd, at),
        // what the step comes to stands in the same append
        ChildRunEnded e => Change(Spent(run, e.StepId, e.CostUsd, at), e.StepId, at,
            t => t with { Status = TaskStatus.Running, NotBefore = null, Called = false }) with
        {
            Audits = e.Audits is { } below ? run.Audits.With(e.StepId, below) : run.Audits,
        },
        AuditPassed e => run with { Audits = run.Audits.With(e.StepId, e.Audit), ChangedAt = at },
        AuditFailed e => run with { Audits = run.Audits.With(e.StepId, e.Audit), ChangedAt = at },
        FilesHashed e => Change(run, e.StepId, at,
            t => t with { FileHashes = [.. t.FileHashes ?? [], .. e.Hashes] }),
        TaskReused e => Reuse(run, e, at),
        RunPaused e => run with { Paused = true, PausedBy = e.Actor, ChangedAt = at },
        RunResumed => run with { Paused = false, PausedBy = null, ChangedAt = at },
        PlanCompleted e => Close(run, RunStatus.Succeeded, null, at) with { Outputs = e.Outputs },
        RunFailed e => Close(run, RunStatus.Failed, e.Reason, at),
        RunCancelled e => Close(run, RunStatus.Cancelled, e.Reason, at),
        PatchProposed or PatchApplied or PatchRolledBack => run with { ChangedAt = at },
        ArtifactProduced or ArtifactUpdated or PayloadErased => run with { ChangedAt = at },
        _ => throw new InvariantViolationException($"{fact.GetType().Name} is no fact of a run"),
    };

    private static RunState Returned(RunState run, ToolReturned e, DateTimeOffset at) =>
        Paid(Change(run, e.StepId, at, t => t with
        {
            Ok = e.Ok,
            ExitCode = e.ExitCode,
            Error = e.Error,
            Log = e.Log ?? t.Log,
        }), e.StepId, e.CostUsd, e.Models, at);

    private static RunState Paid(RunState run, string stepId, decimal costUsd,
        System.Collections.Immutable.ImmutableArray<ModelUse>? models, DateTimeOffset at) => run with
        {
            CostUsd = run.CostUsd + costUsd,
            Models = run.Models.With(stepId, models, at),
            ChangedAt = at,
        };

    private static RunState Spent(RunState run, string stepId, decimal costUsd, DateTimeOffset at)
    {
        var more = costUsd - run.Tasks[IndexOf(run, stepId)].Child!.CostUsd;
        return Change(run, stepId, at, t => t with { Child = t.Child! with { CostUsd = costUsd } }) with
        {
            CostUsd = run.CostUsd + more,
        };
    }

    private static RunState Reuse(RunState run, TaskReused e, DateTimeOffset at)
    {
        var status = e.Outcome switch
        {
            "success" => TaskStatus.Succeeded,
            "skipped" => TaskStatus.Skipped,
            _ => TaskStatus.Failed,
        };
        return End(run, e.StepId, at, status, t => t with
        {
            Ok = status == TaskStatus.Succeeded,
            Output = e.Output,
            Outputs = e.Outputs,
            ExitCode = e.ExitCode,
            Error = e.Error,
            Reused = new ReusedFrom(e.FromRun, e.Layers ?? []),
        });
    }

    private static TaskApproval? Answered(TaskState task, bool granted, string actor, string? reason,
        DateTimeOffset at) =>
        task.Approval! with { Granted = granted, Actor = actor, Reason = reason, AnsweredAt = at };

    private static RunState Close(RunState run, RunStatus status, string? reason, DateTimeOffset at) =>
        run with { Status = status, StopReason = reason, ChangedAt = at, EndedAt = at };

    internal static RunState Change(
        RunState run, string stepId, DateTimeOffset at, Func<TaskState, TaskState> change)
    {
        var index = IndexOf(run, stepId);
        var before = run.Tasks[index];
        if (before.Ended)
        {
            throw new InvariantViolationException($"task {stepId} has ended and changes no more");
        }
        var after = change(before) with { ChangedAt = at };
        return run with { Tasks = run.Tasks.With(index, after), ChangedAt = at };
    }

    private static RunState End(RunState run, string stepId, DateTimeOffset at, TaskStatus status,
        Func<TaskState, TaskState> change)
    {
        var index = IndexOf(run, stepId);
        var next = Change(run, stepId, at,
            t => change(t) with { Status = status, EndedAt = at, NotBefore = null, Replied = null });
        var task = run.Plan.Tasks[index];
        var fails = status == TaskStatus.Failed && !task.ContinueOnError;
        var above = next.Tasks[index].AboveFailed;
        var tasks = next.Tasks;
        foreach (var dependent in run.Graph.Dependents(index))
        {
            var d = tasks[dependent];
            tasks = tasks.With(dependent, d with
            {
                Open = d.Open - 1,
                AboveFailed = d.AboveFailed || fails || above,
                Status = d.Open == 1 ? TaskStatus.Ready : d.Status,
            });
        }
        if (task.Member is { } member)
        {
            var group = tasks[member.Group];
            tasks = tasks.With(member.Group, group with
            {
                OpenMembers = group.OpenMembers - 1,
                MemberFailed = group.MemberFailed || fails,
                ChangedAt = at,
            });
        }
        return next with
        {
            Tasks = tasks,
            OpenTasks = next.OpenTasks - 1,
            // a task of a group fails its group, and that the run
            AnyFailed = next.AnyFailed || (fails && task.Member is null),
        };
    }

    private static int IndexOf(RunState run, string stepId) => run.Graph.IndexOf(stepId)
        ?? throw new InvariantViolationException($"plan {run.Start.PlanId} has no step {stepId}");
}
