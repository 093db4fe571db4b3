using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Vaccines;
using Aegis.Gate.Budgets;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;

namespace Aegis.Gate.Policies;

/// <summary>
/// The policies that calls are judged by, in memory. A run's models are those of the profile that it was
/// started with; what its calls may do is the newest profile's word and the tiers' of now, so that what an
/// administrator takes away is gone for running runs too, within <see cref="LifeMax"/> on every node and at
/// once on the one that was told.
/// </summary>
public sealed class PolicyShelf(
    ProfileStore profiles, TenantDirectory tenants, Func<TierBook> book, TimeProvider time,
    IVaccines? vaccines = null)
{
    /// <summary>Policies kept in memory.</summary>
    public const int KeptMax = 4_096;

    /// <summary>A policy is believed for so long.</summary>
    public static readonly TimeSpan LifeMax = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(Tenancy, string), Shelved> kept = new();
    private readonly ConcurrentDictionary<(Tenancy, string, int), Lazy<Task<GatePolicy>>> reading = new();
    private readonly Lock turn = new();
    private int changes;

    /// <summary>The policy, or null where it has to be read.</summary>
    public GatePolicy? Known(Principal by) =>
        kept.TryGetValue((by.Tenancy, by.Actor), out var found) && time.GetElapsedTime(found.At) < LifeMax
            ? found.Policy : null;

    /// <summary>Waits for nothing where the policy is known. However many ask for one that is not, it is read
    /// once.</summary>
    public async ValueTask<GatePolicy> OfAsync(Principal by, CancellationToken cancel)
    {
        if (Known(by) is { } known)
        {
            return known;
        }
        var since = Volatile.Read(ref changes);
        return await reading.GetOrAdd((by.Tenancy, by.Actor, since),
            _ => new Lazy<Task<GatePolicy>>(() => RefreshAsync(by, since))).Value.WaitAsync(cancel);
    }

    /// <summary>Forgets what a door of this server has just changed.</summary>
    public void Forget(string tenant)
    {
        lock (turn)
        {
            changes++;
            foreach (var key in kept.Keys.Where(k => k.Item1.Tenant == tenant))
            {
                kept.TryRemove(key, out _);
            }
        }
    }

    private async Task<GatePolicy> RefreshAsync(Principal by, int since)
    {
        try
        {
            // the age counts from before the look-up: a change during it still holds in time
            var at = time.GetTimestamp();
            var policy = await PassingFault.RideOutAsync(() => ReadAsync(by, CancellationToken.None),
                TimeProvider.System, CancellationToken.None);
            lock (turn)
            {
                if (since == changes)
                {
                    Keep(by, new Shelved(policy, at));
                }
            }
            return policy;
        }
        finally
        {
            reading.TryRemove((by.Tenancy, by.Actor, since), out _);
        }
    }

    private void Keep(Principal by, Shelved read) => kept.Keep((by.Tenancy, by.Actor), read, KeptMax);

    private async Task<GatePolicy> ReadAsync(Principal by, CancellationToken cancel)
    {
        var keys = await tenants.ResolveAsync(by.Tenancy, cancel)
            ?? throw new InvariantViolationException($"project {by.Tenancy} is gone");
        var stored = await profiles.NewestAsync(keys, cancel);
        var (ofTenant, ofKey) = await tenants.TiersAsync(by.Tenancy.Tenant, KeyOf(by), cancel);
        var now = book();
        var read = stored is null ? null : ProfileParser.Parse(stored.Yaml, "profile.yaml");
        var grants = ImmutableArray.CreateBuilder<TierGrant>();
        Add(grants, now, ofTenant, $"tenant {by.Tenancy.Tenant}");
        Add(grants, now, ofKey, by.Actor);
        var (policies, tiers) = (read?.Value?.Policies ?? ProfilePolicies.Empty, grants.ToImmutable());
        return new GatePolicy(
            $"{stored?.Version ?? 0}/{ofTenant}/{ofKey}/{(grants.Count == 0 ? "" : now.Version)}",
            policies, tiers, read is { Value: null } ? Unreadable(stored!.Version, read.Errors[0]) : null)
        {
            Audit = RuleSet.Find(AuditVeto.RulesetRequired)!.With(policies.AuditRules, time.GetUtcNow()),
            Limits = CallLimits.Of(keys.Tenant, by, policies, tiers),
            Vaccines = vaccines is null || policies.VaccinesOff ? VaccineGuard.None
                : await vaccines.OfAsync(by.Tenancy, cancel),
        };
    }

    private static string? KeyOf(Principal by) =>
        by.Actor.StartsWith("key:", StringComparison.Ordinal) ? by.Actor[4..] : null;

    // a tier that the file no longer names allows nothing: what it once allowed is nobody's word any more
    private static void Add(ImmutableArray<TierGrant>.Builder grants, TierBook book, string? name,
        string holder)
    {
        if (name is not null)
        {
            grants.Add(new TierGrant(
                book.Tiers.GetValueOrDefault(name) ?? new Tier(name, [], TierQuotas.None), holder));
        }
    }

    private static AegisError Unreadable(int version, Diagnostic first) => new("AEGIS2501",
        $"version {version} of the profile cannot be read, so nothing is allowed", first.Error.Expected,
        first.ToString(), "store a profile that can be read: aegis profile set");

    private sealed record Shelved(GatePolicy Policy, long At);
}
