using Aegis.Core.Budgets;
using Aegis.Gate.Budgets;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Budgets;

/// <summary>A limit that bounds the calls of the key, in its period, as this server sees it.</summary>
/// <param name="Holder">The id of the tenant or project, <c>key:ID</c>, or <c>PROJECT/key:ID</c> of a
/// user.</param>
/// <param name="Unit">US dollars and tokens of models, or calls of tools.</param>
/// <param name="Spent">By calls that ended; other servers tell what they spent every few seconds.</param>
/// <param name="Held">Reserved for calls on their way, and held by other servers.</param>
/// <param name="EndsAt">When the next period begins; null for a limit that stands for good.</param>
public sealed record BudgetAnswer([property: OneOf(BudgetAnswer.Scopes)] string Scope, string Holder,
    [property: OneOf(BudgetAnswer.Periods)] string Period, [property: OneOf(BudgetAnswer.Units)] string Unit,
    decimal Limit, decimal Spent, decimal Held, decimal Left, DateTimeOffset? EndsAt)
{
    public const string Scopes = "tenant key project user";
    public const string Periods = "day month total";
    public const string Units = "usd tokens calls";

    internal static BudgetAnswer Of(BudgetState b) => new(Word(b.Limit.Scope), b.Limit.Holder,
        Word(b.Limit.Period), Word(b.Limit.Unit), Money.Shown(b.Limit.Most), Money.Shown(b.Spent),
        Money.Shown(b.Held), Money.Shown(b.Left), b.Until);

    private static string Word<T>(T of)
        where T : struct, Enum => of.ToString().ToLowerInvariant();
}
