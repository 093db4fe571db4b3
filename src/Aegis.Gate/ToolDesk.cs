using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Policy;
using Aegis.Core.Runs;
using Aegis.Gate.Admission;
using Aegis.Gate.Policies;
using Decision = Aegis.Core.Policy.Decision;

namespace Aegis.Gate;

/// <summary>Says who may see and call which tool, by the very decision that the gate makes when the call
/// comes. It acts on nothing: a call that it lets pass is judged again when it is made.</summary>
public sealed class ToolDesk(ToolCatalogue tools, GateOrder? order = null, PolicyShelf? policies = null,
    Quotas? quotas = null)
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

    /// <summary>What the gate would decide on a call now; nothing is counted.</summary>
    public async ValueTask<Admission.Admission> JudgeAsync(Principal by, string tool, JsonElement input,
        PlanPolicy policy, CancellationToken cancel)
    {
        var rules = await RulesAsync(by, cancel);
        var found = order.Look(await tools.FindAsync(by.Tenancy, tool, cancel),
            new CallOrder(tool, input, by, policy, rules));
        return found.Denial is null && await SpentAsync(by, rules, cancel) is { } spent
            ? new Admission.Admission(spent, QuotaStage, Stage: QuotaStage) : found;
    }

    /// <summary>The same with every rule that had a say.</summary>
    /// <param name="rules">To judge by, in place of the project's own.</param>
    public async ValueTask<Explanation> ExplainAsync(Principal by, string tool, JsonElement input,
        PlanPolicy policy, CancellationToken cancel, GatePolicy? rules = null, GateGrant? grant = null)
    {
        rules ??= await RulesAsync(by, cancel);
        var told = order.Explain(await tools.FindAsync(by.Tenancy, tool, cancel),
            new CallOrder(tool, input, by, policy, rules, grant));
        if (told.Admission.Denial is not null || !rules.LimitsCalls)
        {
            return told;
        }
        var spent = await SpentAsync(by, rules, cancel);
        var word = new StageWord(QuotaStage, new MatchedRule(QuotaStage,
            spent is null ? Decision.Allow : Decision.Deny, tool, spent?.Message ?? "some is left",
            spent?.Mend));
        return new Explanation(spent is null ? told.Admission
            : new Admission.Admission(spent, QuotaStage, Stage: QuotaStage), told.Words.Add(word));
    }

    /// <summary>The policy that somebody's calls are judged by now.</summary>
    public ValueTask<GatePolicy> RulesAsync(Principal by, CancellationToken cancel) =>
        policies?.OfAsync(by, cancel) ?? ValueTask.FromResult(GatePolicy.Open);

    /// <summary>A door has changed a tenant's profile or tiers.</summary>
    public void Forget(string tenant) => policies?.Forget(tenant);

    private async ValueTask<AegisError?> SpentAsync(
        Principal by, GatePolicy rules, CancellationToken cancel) =>
        quotas is not null && rules.LimitsCalls
            ? await quotas.LookAsync(by, QuotaClaim.Calls(rules), 1, cancel) : null;

    private AegisError? MayCall(Tool? tool, string name, Principal by, GatePolicy rules) =>
        order.MayCall(tool, name, by, rules);
}
