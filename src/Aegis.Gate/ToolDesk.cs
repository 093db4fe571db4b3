using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Policy;
using Aegis.Core.Runs;
using Aegis.Gate.Admission;
using Aegis.Gate.Budgets;
using Aegis.Gate.Policies;
using Decision = Aegis.Core.Policy.Decision;

namespace Aegis.Gate;

/// <summary>Says who may see and call which tool, by the very decision that the gate makes when the call
/// comes. It acts on nothing: a call that it lets pass is judged again when it is made.</summary>
public sealed class ToolDesk(ToolCatalogue tools, GateOrder? order = null, PolicyShelf? policies = null,
    BudgetRoom? budgets = null)
{
    private const string QuotaStage = "quota";

    private readonly GateOrder order = order ?? GateOrder.Alone;

    /// <summary>All there are, whoever asks: for what is no secret of a caller, such as a schema's
    /// headers.</summary>
    public ToolCatalogue Catalogue => tools;

    /// <summary>The tools that somebody may call, by name.</summary>
    public async ValueTask<IReadOnlyList<Tool>> OfAsync(Principal principal, CancellationToken cancel)
    {
        var rules = await RulesAsync(principal, cancel);
        var all = await tools.AllAsync(principal.Tenancy, cancel);
        return [.. all.Where(t => MayCall(t, t.Descriptor.Name, principal, rules) is null)
            .OrderBy(t => t.Descriptor.Name, StringComparer.Ordinal)];
    }

    /// <summary>One that somebody may call; the refusal otherwise.</summary>
    public async ValueTask<Tool> GetAsync(Principal principal, string name, CancellationToken cancel)
    {
        var tool = await tools.FindAsync(principal.Tenancy, name, cancel);
        return MayCall(tool, name, principal, await RulesAsync(principal, cancel)) is { } refusal
            ? throw new AegisException(refusal)
            : tool!;
    }

    /// <summary>What the gate would decide on a call now; nothing is counted. Of a model's tokens too, which
    /// are reserved when the model is asked.</summary>
    public async ValueTask<Admission.Admission> JudgeAsync(Principal by, string tool, JsonElement input,
        PlanPolicy policy, CancellationToken cancel)
    {
        var rules = await RulesAsync(by, cancel);
        var found = await tools.FindAsync(by.Tenancy, tool, cancel);
        var judged = order.Look(found, new CallOrder(tool, input, by, policy, rules));
        if (judged.Denial is not null)
        {
            return judged;
        }
        var left = await LeftAsync(rules, found?.TokensMax(input), cancel);
        return Refused(left) is { } spent ? spent : judged;
    }

    /// <summary>The same with every rule that had a say, and what is left of the quotas.</summary>
    /// <param name="rules">To judge by, in place of the project's own.</param>
    public async ValueTask<Explanation> ExplainAsync(Principal by, string tool, JsonElement input,
        PlanPolicy policy, CancellationToken cancel, GatePolicy? rules = null, GateGrant? grant = null)
    {
        rules ??= await RulesAsync(by, cancel);
        var found = await tools.FindAsync(by.Tenancy, tool, cancel);
        var call = new CallOrder(tool, input, by, policy, rules, grant);
        var told = order.Explain(found, call);
        var months = await LeftAsync(rules, found?.TokensMax(input), cancel);
        told = told with { Quotas = [.. order.Rates(call), .. months] };
        if (told.Admission.Denial is not null || months.IsEmpty)
        {
            return told;
        }
        var spent = Refused(months);
        var word = new StageWord(QuotaStage, new MatchedRule(QuotaStage,
            spent is null ? Decision.Allow : Decision.Deny, tool,
            spent?.Denial!.Message ?? "some is left", spent?.Denial!.Mend));
        return told with { Admission = spent ?? told.Admission, Words = told.Words.Add(word) };
    }

    /// <summary>The policy that somebody's calls are judged by now.</summary>
    public ValueTask<GatePolicy> RulesAsync(Principal by, CancellationToken cancel) =>
        policies?.OfAsync(by, cancel) ?? ValueTask.FromResult(GatePolicy.Open);

    /// <summary>How the limits that bound somebody's calls stand now.</summary>
    public async ValueTask<ImmutableArray<BudgetState>> BudgetsAsync(
        Principal by, CancellationToken cancel) =>
        await LookAsync(await RulesAsync(by, cancel), cancel);

    /// <summary>A door has changed a tenant's profile or tiers.</summary>
    public void Forget(string tenant) => policies?.Forget(tenant);

    private static Admission.Admission? Refused(ImmutableArray<QuotaLeft> months) =>
        months.Select(m => m.Refusal).FirstOrDefault(r => r is not null) is { } spent
            ? new Admission.Admission(spent, QuotaStage, Stage: QuotaStage) : null;

    private async ValueTask<ImmutableArray<QuotaLeft>> LeftAsync(
        GatePolicy rules, long? tokens, CancellationToken cancel) =>
    [
        .. (await LookAsync(rules, cancel)).Select(b => QuotaLeft.Of(b, b.Limit.Unit switch
        {
            BudgetUnit.Calls => 1,
            BudgetUnit.Tokens => tokens,
            _ => null,
        })),
    ];

    private ValueTask<ImmutableArray<BudgetState>> LookAsync(GatePolicy rules, CancellationToken cancel) =>
        budgets?.LookAsync([.. rules.Limits.Calls.Limits, .. rules.Limits.Spending.Limits], cancel)
            ?? ValueTask.FromResult(ImmutableArray<BudgetState>.Empty);

    private AegisError? MayCall(Tool? tool, string name, Principal by, GatePolicy rules) =>
        order.MayCall(tool, name, by, rules);
}
