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
}
