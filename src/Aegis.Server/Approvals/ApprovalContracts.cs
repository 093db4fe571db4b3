using Aegis.Ledger.Reads;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Approvals;

/// <summary>A human's answer; whether it is yes or no stands in the address.</summary>
public sealed record AnswerApprovalRequest : DoorRequest
{
    [Chars(0, DoorLimits.ReasonCharsMax)]
    public string? Reason { get; init; }
}

/// <param name="Status"><c>pending</c>, <c>granted</c>, <c>denied</c>, or <c>withdrawn</c> where the step
/// ended unanswered.</param>
/// <param name="AnsweredBy"><c>nobody</c> where the time ran out.</param>
/// <param name="Queue">In whose queue it waits; null for whoever started the run.</param>
public sealed record ApprovalAnswer(string ApprovalId, string RunId, string StepId, string? Message,
    [property: OneOf(ApprovalAnswer.Statuses)] string Status, DateTimeOffset RequestedAt,
    DateTimeOffset? ExpiresAt, DateTimeOffset? AnsweredAt,
    string? AnsweredBy, string? Reason, string? Queue)
{
    public const string Statuses = "pending granted denied withdrawn";

    public static ApprovalAnswer Of(ApprovalListing a) => new(a.ApprovalId, a.RunId, a.StepId, a.Message,
        a.Status, a.RequestedAt, a.ExpiresAt, a.AnsweredAt, a.AnsweredBy, a.Reason, a.Queue);
}

/// <summary>A request in a queue; <c>project_id</c> is the project that an answer is for.</summary>
public sealed record QueuedApprovalAnswer(string ProjectId, ApprovalAnswer Approval)
{
    public static QueuedApprovalAnswer Of(QueuedApproval q) => new(q.Project, ApprovalAnswer.Of(q.Approval));
}
