using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>One task of a watched run.</summary>
internal sealed class TaskLine(string stepId, string tool, IReadOnlyList<string> needs)
{
    public string StepId { get; } = stepId;

    public string Tool { get; private set; } = tool;

    public IReadOnlyList<string> Needs { get; } = needs;

    public string Status { get; private set; } = "waiting";

    public int Attempt { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Why it failed, was skipped, or waits; null when there is nothing to say.</summary>
    public string? Message { get; private set; }

    /// <summary>The newest whole line of its log.</summary>
    public string? LastLog { get; set; }

    public bool Ended => Status is "succeeded" or "failed" or "skipped" or "cancelled";

    public void Apply(RunEvent fact)
    {
        var payload = fact.Payload;
        switch (fact.Type)
        {
            case "TaskStarted":
                Begin(fact);
                break;
            case "TaskCompleted":
                End("succeeded", fact, null);
                break;
            case "TaskFailed":
                End("failed", fact, ErrorText(payload));
                break;
            case "TaskSkipped":
                End("skipped", fact, RunProgress.Text(payload, "reason"));
                break;
            case "TaskCancelled":
                End("cancelled", fact, null);
                break;
            case "TaskRetryScheduled":
                Status = "retry_wait";
                Message = ErrorText(payload);
                break;
            case "TaskInDoubt":
                Status = "in_doubt";
                Message = RunProgress.Text(payload, "why");
                break;
            case "ApprovalRequested":
                Status = "waiting_approval";
                Message = RunProgress.Text(payload, "message");
                break;
            case "TaskFrozen":
                Status = "frozen";
                Message = ErrorText(payload);
                break;
            case "TaskResolved" or "ApprovalGranted":
                Status = "running";
                Message = null;
                break;
        }
    }

    public TimeSpan? Elapsed(DateTimeOffset now) => StartedAt is { } from ? (EndedAt ?? now) - from : null;

    private void Begin(RunEvent fact)
    {
        Status = "running";
        StartedAt ??= fact.At;
        Tool = RunProgress.Text(fact.Payload, "tool") ?? Tool;
        Message = null;
        Attempt = fact.Payload is { } json && json.TryGetProperty("attempt", out var n) ? n.GetInt32() : 1;
    }

    private void End(string status, RunEvent fact, string? message)
    {
        Status = status;
        EndedAt = fact.At;
        Message = message;
    }

    private static string? ErrorText(JsonElement? payload) =>
        payload is { } json && json.TryGetProperty("error", out var error)
            ? $"{RunProgress.Text(error, "code")}: {RunProgress.Text(error, "message")}"
            : null;
}
