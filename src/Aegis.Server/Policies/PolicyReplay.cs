using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;
using Aegis.Gate;
using Aegis.Gate.Policies;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Tenants;
using Aegis.Server.Rooms;

namespace Aegis.Server.Policies;

/// <summary>Judges the calls of past runs again. The facts are the ledger's: what was called with which input
/// (TaskStarted), and what became of it (ToolDenied, ApprovalRequested, or a return).</summary>
/// <param name="candidate">Null for the profile that is stored now.</param>
internal sealed class PolicyReplay(
    DoorParts parts, TenancyKeys keys, Tenancy tenancy, ProfilePolicies? candidate)
{
    public const int RunsMax = 200;
    public const int ChangedMax = 500;

    private static readonly JsonElement NoInput = JsonElement.Parse("{}");

    private readonly Dictionary<string, Plan?> plans = new(StringComparer.Ordinal);
    private readonly List<ReplayedCallAnswer> changed = [];
    private int calls;
    private int skipped;

    public async Task<ReplayAnswer> RunAsync(DateTimeOffset since, CancellationToken cancel)
    {
        var found = await parts.Runs.RunsAsync(
            keys, new RunFilter(CreatedAfter: since), null, RunsMax + 1, cancel);
        var runs = 0;
        foreach (var run in found.Take(RunsMax).TakeWhile(_ => changed.Count < ChangedMax))
        {
            runs++;
            await RunAsync(run, cancel);
        }
        return new ReplayAnswer(runs, calls, skipped, [.. changed.Take(ChangedMax)],
            found.Count > runs || changed.Count > ChangedMax);
    }

    private async Task RunAsync(RunListing run, CancellationToken cancel)
    {
        var plan = await PlanAsync(run.PlanId, cancel);
        var past = new PastCalls();
        GatePolicy? rules = null;
        var (by, after, more) = ((Principal?)null, 0, true);
        while (more && await parts.Streams.PageAsync(keys, run.RunId, after, 500, cancel) is { } page)
        {
            foreach (var fact in page.Events)
            {
                after = fact.Version;
                if (fact.Payload is not { } payload)
                {
                    continue;
                }
                var e = RunEventCodec.Decode(fact.Type, payload);
                if (e is RunStarted started)
                {
                    by = new Principal(started.Actor, tenancy, [.. started.Scopes]);
                    rules = await RulesAsync(by, cancel);
                }
                if (past.Decided(e) is { } call)
                {
                    await JudgeAsync(run, call, by, plan, rules, cancel);
                }
            }
            more = page.More;
        }
    }

    private async Task JudgeAsync(RunListing run, PastCall call, Principal? by, Plan? plan,
        GatePolicy? rules, CancellationToken cancel)
    {
        if (by is null || rules is null || plan is null || InputOf(call, plan) is not { } input)
        {
            skipped++;
            return;
        }
        calls++;
        var told = await parts.ToolDesk.ExplainAsync(by, call.Tool, input, plan.Policy, cancel, rules,
            call.GrantedRule is { } rule ? new GateGrant(rule, rules.Version) : null);
        if (told.Decision != call.Was)
        {
            changed.Add(new ReplayedCallAnswer(run.RunId, call.StepId, call.Attempt, call.Tool,
                run.CreatedAt, DecisionWord.Of(call.Was), DecisionWord.Of(told.Decision),
                told.Admission.Rule, told.Admission.Denial?.Message));
        }
    }

    /// <summary>The candidate's tools and rules with the tiers of now, without what depends on the
    /// moment.</summary>
    private async Task<GatePolicy> RulesAsync(Principal by, CancellationToken cancel)
    {
        var now = await parts.ToolDesk.RulesAsync(by, cancel);
        var profile = candidate ?? now.Profile;
        return new GatePolicy("replay",
            profile with
            {
                RequestsPerMinute = ImmutableSortedDictionary<string, int>.Empty,
            },
            [.. now.Tiers.Select(t => t with { Tier = t.Tier with { Quotas = TierQuotas.None } })],
            candidate is null ? now.Broken : null);
    }

    /// <summary>An empty input is left out of the event as one that is too large is; the plan tells which of
    /// the two it was.</summary>
    private static JsonElement? InputOf(PastCall call, Plan plan) => call.Input
        ?? (plan.Tasks.FirstOrDefault(t => call.StepId == t.StepId
            || call.StepId.StartsWith(t.StepId + '.', StringComparison.Ordinal)) is { } task
            && task.With.GetRawText().Length <= 2 ? NoInput : null);

    /// <summary>What the run was started with; null where its source is not in its events.</summary>
    private async Task<Plan?> PlanAsync(string planId, CancellationToken cancel)
    {
        if (plans.TryGetValue(planId, out var known))
        {
            return known;
        }
        var page = await parts.Streams.PageAsync(keys, planId, 0, 1, cancel);
        var source = page?.Events is [{ Payload: { } payload } first, ..]
            && RunEventCodec.Decode(first.Type, payload) is PlanCreated created ? created : null;
        return plans[planId] = source?.Source is { } text
            ? WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(text), source.File).Plan : null;
    }
}
