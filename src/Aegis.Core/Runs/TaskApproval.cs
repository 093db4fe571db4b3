namespace Aegis.Core.Runs;

/// <summary>What a step asked a human, and what came of it.</summary>
/// <param name="Granted">Null while nobody has answered, and for ever where the run ended before.</param>
/// <param name="Actor">Who answered; <c>nobody</c> where the time ran out.</param>
/// <param name="Rule">The gate's rules that ask; null for a step's own <c>approve</c>.</param>
/// <param name="CallDigest">The call that they ask about.</param>
/// <param name="Policy">The version of the policy by which they ask.</param>
/// <param name="Queue">Who is asked; null for whoever started the run.</param>
public sealed record TaskApproval(string Id, string? Message, DateTimeOffset RequestedAt,
    DateTimeOffset? ExpiresAt, bool? Granted = null, string? Actor = null, string? Reason = null,
    DateTimeOffset? AnsweredAt = null, string? Rule = null, string? CallDigest = null,
    string? Policy = null, string? Queue = null)
{
    /// <summary>What a human let pass for this very call.</summary>
    public GateGrant? GrantOf(string call) =>
        Granted == true && CallDigest == call && Rule is not null ? new GateGrant(Rule, Policy) : null;

    /// <summary>pending, granted, denied, or withdrawn where the step ended unanswered.</summary>
    public string StatusText(bool taskEnded) => Granted switch
    {
        true => "granted",
        false => "denied",
        null => taskEnded ? "withdrawn" : "pending",
    };
}
