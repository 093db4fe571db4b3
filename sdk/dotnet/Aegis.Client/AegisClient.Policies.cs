using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>What the gate would decide on a call of this key, and by which rules. Nothing is
    /// called.</summary>
    public Task<CallExplanation> ExplainCallAsync(ExplainCall call, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/policy:explain", Body(call, ClientJson.Default.ExplainCall),
            ClientJson.Default.CallExplanation, cancel);

    /// <summary>What a profile would have decided on the calls of the past.</summary>
    public Task<PolicyReplay> ReplayPolicyAsync(ReplayPolicy request, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/policy:replay", Body(request, ClientJson.Default.ReplayPolicy),
            ClientJson.Default.PolicyReplay, cancel);

    public Task<Listing<Tier>> ListTiersAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Get, "v1/tiers", null, ClientJson.Default.ListingTier, cancel);

    /// <summary>Gives a tenant a tier; null takes it away.</summary>
    public Task SetTenantTierAsync(string tenant, string? tier, CancellationToken cancel = default) =>
        PostAsync("v1/tenants:tier", Body(new SetTenantTier(tenant, tier), ClientJson.Default.SetTenantTier),
            cancel);

    /// <summary>Gives a key a tier; null takes it away.</summary>
    public Task SetKeyTierAsync(string keyId, string? tier, CancellationToken cancel = default) =>
        PostAsync($"v1/keys/{Escape(keyId)}:tier", Body(new SetTier(tier), ClientJson.Default.SetTier),
            cancel);

    private async Task PostAsync(string path, HttpContent body, CancellationToken cancel)
    {
        using var reply = await SendAsync(HttpMethod.Post, path, body, null, cancel);
        await RequireOkAsync(reply, cancel);
    }
}

public sealed record ExplainCall(string Tool, JsonElement? Input = null, CallPolicy? Policy = null);

/// <param name="Decision">allow, ask or deny.</param>
/// <param name="Stage">Where it was decided.</param>
/// <param name="Rule">The deciding rule.</param>
/// <param name="Rules">Every rule that had a say, in the order of the stages.</param>
public sealed record CallExplanation(string Decision, string Stage, string? Rule,
    IReadOnlyList<RuleWord> Rules, CallError? Error, long? RetryAfterMs, string PolicyVersion)
{
    /// <summary>What is left of the quotas that such a call is counted by.</summary>
    public IReadOnlyList<QuotaLeft> Quotas { get; init; } = [];
}

/// <param name="Period">minute, day, month or total.</param>
/// <param name="Wanted">The most that the call can use of it; null where that is nothing or not
/// known.</param>
public sealed record QuotaLeft(string Holder, string Quota, string Period, decimal Limit, decimal Left,
    decimal? Wanted, bool Refuses);

public sealed record RuleWord(
    string Stage, string Rule, string Decision, string Judged, string Reason, string? Mend);

/// <param name="Profile">A profile.yaml; null for the stored one.</param>
public sealed record ReplayPolicy(DateTimeOffset Since, string? Profile = null);

public sealed record PolicyReplay(
    int Runs, int Calls, int Skipped, IReadOnlyList<ReplayedCall> Changed, bool More);

public sealed record ReplayedCall(string RunId, string StepId, int Attempt, string Tool, DateTimeOffset At,
    string Was, string Would, string? Rule, string? Reason);

/// <summary>A list of commands, and what may be used a minute, a day, a month (UTC) and in all; null is
/// without a limit.</summary>
public sealed record Tier(string Name, IReadOnlyList<string> Commands, int? CallsMinute, long? CallsMonth,
    long? TokensMonth, long? CallsDay = null, long? CallsTotal = null, long? TokensDay = null,
    long? TokensTotal = null, decimal? UsdDay = null, decimal? UsdMonth = null, decimal? UsdTotal = null);

public sealed record SetTier(string? Tier);

public sealed record SetTenantTier(string Tenant, string? Tier);
