using Aegis.Core.Errors;

namespace Aegis.Gate.Policies;

/// <summary>How much of a quota is left now, as this node sees it: blocks that other nodes hold count as
/// used.</summary>
/// <param name="Quota"><c>calls</c>, <c>calls of WHAT</c> or <c>tokens</c>.</param>
/// <param name="Period"><c>minute</c> or <c>month</c>.</param>
/// <param name="Wanted">The most that the call can use of it; null where that is nothing.</param>
public sealed record QuotaLeft(
    string Holder, string Quota, string Period, long Limit, long Left, long? Wanted)
{
    /// <summary>Whether the call would be refused for it.</summary>
    public bool Refuses => Wanted > Left;

    /// <summary>The refusal of a month's quota, AEGIS2508; null where enough is left.</summary>
    public AegisError? Refusal => Refuses ? Spent(Holder, Quota, Limit, Wanted!.Value) : null;

    internal static AegisError Spent(string holder, string quota, long limit, long wanted) => new("AEGIS2508",
        $"{holder} has used its {quota} of this month", $"{limit} {quota} a month", $"{wanted} more",
        "wait for the next month, or ask for another tier or quota");
}
