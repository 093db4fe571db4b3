using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Runs;

/// <summary>A step that waits for a human's yes. It holds nothing meanwhile: no slot, no timer but the one of
/// its own timeout, so it can wait for days.</summary>
internal static class Approvals
{
    /// <summary>Answers where nobody did in time.</summary>
    public const string Nobody = "nobody";

    public static string IdOf(RunState run, PlanTask task) => $"{run.Start.RunId}.{task.StepId}";

    public static ImmutableArray<int> Request(Decision d, int index, ApprovalSpec approval)
    {
        var task = d.State.Plan.Tasks[index];
        var message = approval.Message is null ? new RenderedText(null, null)
            : Template.RenderText(approval.Message, new RunExpressionContext(d.State, task));
        if (message.Error is { } error)
        {
            return Progress.Fail(d, index, error);
        }
        var expires = d.At + approval.Timeout;
        d.Emit(new ApprovalRequested(task.StepId, IdOf(d.State, task), message.Value, expires,
            Queue: ApprovalTopics.QueueOf(d.State.Start.Queues, approval.Topic)));
        Watch(d, index, expires);
        return [];
    }

    /// <summary>A rule of the gate wants a human to look at the call that an attempt was about to make. The
    /// yes is for this call alone: when it comes the gate judges everything again.</summary>
    public static void Ask(Decision d, int index, GateQuestion question, AegisError error)
    {
        var task = d.State.Plan.Tasks[index];
        TaskLocks.Release(d, index);
        var expires = d.At + task.Options.Approve?.Timeout;
        d.Emit(new ApprovalRequested(task.StepId, IdOf(d.State, task),
            error.Got is null ? error.Message : $"{error.Message}: {error.Got}", expires, question.Rule,
            question.CallDigest, question.Policy,
            ApprovalTopics.QueueOf(d.State.Start.Queues, ApprovalTopics.Gate)));
        Watch(d, index, expires);
    }

    public static void Deny(Decision d, int index, string actor, string? reason)
    {
        var task = d.State.Plan.Tasks[index];
        d.Emit(new ApprovalDenied(task.StepId, IdOf(d.State, task), actor, reason));
        Progress.Advance(d, Progress.Fail(d, index, new AegisError("AEGIS5035",
            reason is null ? $"{actor} did not allow step {task.StepId}" : $"{actor}: {reason}")));
    }

    private static void Watch(Decision d, int index, DateTimeOffset? expires)
    {
        if (expires is { } at)
        {
            d.Then(new RunEffect.WakeAt(index, at));
        }
    }
}
