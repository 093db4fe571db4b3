using System.Globalization;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Gate.Budgets;

namespace Aegis.Gate.Policies;

/// <summary>How much of a quota is left now, as this node sees it: blocks that other nodes hold count as
/// used.</summary>
/// <param name="Quota"><c>calls</c>, <c>calls of WHAT</c>, <c>tokens</c> or <c>usd</c>.</param>
/// <param name="Period"><c>minute</c>, <c>day</c>, <c>month</c> or <c>total</c>.</param>
/// <param name="Wanted">The most that the call can use of it; null where that is nothing, or not
/// known.</param>
public sealed record QuotaLeft(
    string Holder, string Quota, string Period, decimal Limit, decimal Left, decimal? Wanted)
{
    /// <summary>Whether the call would be refused for it.</summary>
    public bool Refuses => Wanted > Left;

    /// <summary>The refusal, AEGIS2508; null where enough is left.</summary>
    public AegisError? Refusal => Refuses ? new("AEGIS2508", $"{Holder} has used its {Quota}{InPeriod}",
        string.Create(CultureInfo.InvariantCulture, $"{Limit} {Quota}{InPeriod}"),
        string.Create(CultureInfo.InvariantCulture, $"{Wanted} more, {Left} are left"),
        Period == "total" ? "ask for another tier or quota"
            : $"wait for the next {Period}, or ask for another tier or quota") : null;

    private string InPeriod => Period == "total" ? "" : $" of this {Period}";

    /// <summary>What a call that uses up to so much finds.</summary>
    public static QuotaLeft Of(BudgetState state, decimal? wanted) => new(
        state.Limit.Whose, state.Limit.Unit.ToString().ToLowerInvariant(),
        state.Limit.Period.ToString().ToLowerInvariant(), Money.Shown(state.Limit.Most),
        Money.Shown(state.Left), wanted);
}
