using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Reads;
using Aegis.Server.Rooms;
using Aegis.Server.Runs;

namespace Aegis.Server.Tools;

/// <summary>Follows the run of a call until it has ended, waits for a human, or the caller's patience is
/// over, and says how far it came.</summary>
internal sealed class CallWatch(EventFollower follower, DoorParts parts, RunId run)
{
    public CallWatch(HttpContext http, DoorParts parts, RunId run)
        : this(new EventFollower(http, parts, run.Value), parts, run)
    {
    }

    private ToolCallAnswer answer = new($"{run}.{CallPlan.StepId}.1", run.Value, "running");
    private AegisError? error;
    private decimal cost;

    /// <summary>Hears each fact of the run, once it is part of the answer.</summary>
    public Func<RunEvent, ValueTask>? Saw { get; init; }

    /// <summary>The call is over, one way or another.</summary>
    public bool Ended => answer.Ok is not null;

    public async ValueTask<ToolCallAnswer> UntilAsync(TimeSpan patience, CancellationToken cancel)
    {
        var (from, after) = (parts.Time.GetTimestamp(), 0);
        while (true)
        {
            var page = await follower.PageAsync(after, DoorLimits.StreamPage, cancel);
            foreach (var fact in page.Events)
            {
                after = fact.Version;
                if (fact.Payload is { } payload)
                {
                    var seen = RunEventCodec.Decode(fact.Type, payload);
                    Apply(seen);
                    await (Saw?.Invoke(seen) ?? ValueTask.CompletedTask);
                }
            }
            var left = patience - parts.Time.GetElapsedTime(from);
            if (Ended || answer.ApprovalId is not null || left <= TimeSpan.Zero)
            {
                return answer;
            }
            if (!page.More)
            {
                await follower.NewsAsync(
                    after, left < DoorLimits.Heartbeat ? left : DoorLimits.Heartbeat, cancel);
            }
        }
    }

    private void Apply(RunEvent fact) =>
        answer = fact switch
        {
            TaskStarted { StepId: CallPlan.StepId } e => answer with { CallId = IdOf(e.Attempt) },
            ApprovalRequested e => answer with
            {
                // what the gate asks about was not called; the next attempt will be
                CallId = e.Rule is null ? answer.CallId : NextId(),
                ApprovalId = e.ApprovalId,
                Status = "waiting_approval",
            },
            ApprovalGranted => answer with { ApprovalId = null, Status = "running" },
            ToolReturned { Within: null } e => Returned(e),
            TaskCompleted { StepId: CallPlan.StepId } e => answer with
            {
                Output = e.Output,
                Outputs = e.Outputs,
            },
            TaskFailed e => Failed(e),
            PlanCompleted => Over("succeeded", true),
            RunFailed e => Over("failed", false, e.Reason),
            RunCancelled e => Over("cancelled", false, e.Reason),
            _ => answer,
        };

    private ToolCallAnswer Returned(ToolReturned e)
    {
        cost += e.CostUsd;
        return e.StepId == CallPlan.StepId ? answer with { CallId = e.CallId, ExitCode = e.ExitCode }
            : answer;
    }

    private ToolCallAnswer Failed(TaskFailed e)
    {
        error ??= e.Error;
        return answer with { Output = e.Output, Outputs = e.Outputs };
    }

    private ToolCallAnswer Over(string status, bool ok, string? reason = null) => answer with
    {
        Status = status,
        Ok = ok,
        CostUsd = cost,
        ApprovalId = null,
        Error = ok ? null : CallErrorAnswer.Of(error ?? new AegisError("AEGIS6083", reason ?? status)),
    };

    private string IdOf(int attempt) => $"{run}.{CallPlan.StepId}.{attempt}";

    private string NextId() =>
        IdOf(int.Parse(answer.CallId[(answer.CallId.LastIndexOf('.') + 1)..]) + 1);
}
