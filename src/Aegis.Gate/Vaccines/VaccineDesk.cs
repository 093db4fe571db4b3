using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Languages;
using Aegis.Core.Runs.Events;
using Aegis.Core.Vaccines;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Vaccines;

namespace Aegis.Gate.Vaccines;

/// <summary>What is asked of the memory.</summary>
/// <param name="Language">Those of other languages are left out.</param>
/// <param name="Model">That made <paramref name="Meaning"/>; null for a search by words alone.</param>
public sealed record VaccineQuery(string Text, string? Language, int BudgetTokens, string? Model = null,
    ReadOnlyMemory<float> Meaning = default);

/// <summary>Everything that doors and tools do with vaccines, decided in one place. Whatever binds anybody is
/// tested before it is kept, and binds at once on this node.</summary>
/// <param name="changed">Told the tenant whose calls are bound otherwise now.</param>
/// <param name="factWaits">Told when a fact waits to be moved into its stream.</param>
public sealed class VaccineDesk(LedgerDatabase database, TenantDirectory tenants, TimeProvider time,
    Action<string> changed, Action factWaits)
{
    /// <summary>The scope of who may write vaccines of everybody.</summary>
    public const string Operator = "operator:tenants";

    private readonly VaccineTable table = new(database);
    private readonly VaccineSearch search = new(database);

    /// <summary>All that the caller's project sees, the newest first.</summary>
    public async Task<IReadOnlyList<Vaccine>> ListAsync(Principal by, CancellationToken cancel) =>
        await table.ListAsync(await KeysAsync(by, cancel), cancel);

    /// <summary>Null where the project sees none of that id.</summary>
    public async Task<Vaccine?> FindAsync(Principal by, string id, CancellationToken cancel) =>
        await table.FindAsync(await KeysAsync(by, cancel), id, cancel);

    /// <exception cref="AegisException">With what is wrong with the order.</exception>
    public async Task<MintedVaccine> MintAsync(Principal by, VaccineOrder order, CancellationToken cancel)
    {
        if (order.Scope == VaccineScope.Global)
        {
            RequireOperator(by);
        }
        var (tested, error) = VaccineMint.Test(order);
        if (tested is null)
        {
            throw new AegisException(error!);
        }
        var now = time.GetUtcNow();
        var minted = await table.MintAsync(await KeysAsync(by, cancel), tested,
            SortableId.Make("vac_", now, RandomNumberGenerator.GetBytes(10)), by.Actor, now, cancel);
        Changed(by);
        return minted;
    }

    /// <summary>Binds nobody any more; null where the project sees none of that id, as below.</summary>
    public async Task<Vaccine?> RevokeAsync(Principal by, string id, string reason,
        CancellationToken cancel)
    {
        var revoked = await table.ChangeAsync(await KeysAsync(by, cancel), id, before =>
        {
            if (before.Scope == VaccineScope.Global)
            {
                RequireOperator(by);
            }
            return before.Status == VaccineStatus.Revoked
                ? throw new AegisException(VaccineErrors.WrongState(before, "revoked"))
                : before with
                {
                    Status = VaccineStatus.Revoked, RevokedBy = by.Actor, RevokeReason = reason,
                };
        }, (after, fact) => new VaccineRevoked(fact, after.Id, reason, by.Actor), cancel);
        Changed(by);
        return revoked;
    }

    /// <summary>It stopped good code: counted, for people to see.</summary>
    public async Task<Vaccine?> ReportAsync(Principal by, string id, string reason,
        CancellationToken cancel)
    {
        var reported = await table.ChangeAsync(await KeysAsync(by, cancel), id, before => before with
        {
            Counts = before.Counts with { BlockedGood = before.Counts.BlockedGood + 1 },
        }, (after, fact) => new VaccineReported(fact, after.Id, reason, by.Actor), cancel);
        factWaits();
        return reported;
    }

    /// <summary>A project's becomes its tenant's; a proposed one of everybody comes into force.</summary>
    public async Task<Vaccine?> PromoteAsync(Principal by, string id, CancellationToken cancel)
    {
        var promoted = await table.ChangeAsync(await KeysAsync(by, cancel), id, before =>
        {
            switch (before)
            {
                case { Scope: VaccineScope.Project, Status: VaccineStatus.Active or VaccineStatus.Faded }:
                    return before with { Scope = VaccineScope.Tenant, Status = VaccineStatus.Active };
                case { Scope: VaccineScope.Global, Status: VaccineStatus.Proposed or VaccineStatus.Faded }:
                    RequireOperator(by);
                    return before with
                    {
                        Status = VaccineStatus.Active, ExpiresAt = time.GetUtcNow() + VaccineLimits.Life,
                    };
                default:
                    throw new AegisException(VaccineErrors.WrongState(before, "promoted"));
            }
        }, (after, fact) => new VaccinePromoted(
            fact, after.Id, VaccineWords.Of(after.Scope), by.Actor), cancel);
        Changed(by);
        return promoted;
    }

    /// <summary>Best first, as many as fit into the budget.</summary>
    public async Task<ImmutableArray<Vaccine>> SearchAsync(
        Principal by, VaccineQuery query, CancellationToken cancel)
    {
        var keys = await KeysAsync(by, cancel);
        var all = (await table.ListAsync(keys, cancel)).Where(v => v.Status == VaccineStatus.Active
            && (v.Language is null || query.Language is null
                || CodeLanguage.Holds(v.Language, query.Language)))
            .ToDictionary(v => v.Id, StringComparer.Ordinal);
        var lists = (await search.ByTextAsync(keys, query.Text, cancel)).ToList();
        if (query.Model is { } model)
        {
            lists.Add(await search.ByMeaningAsync(keys, model, query.Meaning, cancel));
        }
        return VaccineRanking.Fit(VaccineRanking.Fuse(all, lists), query.BudgetTokens);
    }

    public async Task EmbedAsync(
        Principal by, string id, string model, float[] vector, CancellationToken cancel) =>
        await search.EmbedAsync(await KeysAsync(by, cancel), id, model, vector, cancel);

    private static void RequireOperator(Principal by)
    {
        // admin:* is a tenant's, so it is no part of that
        if (!by.Scopes.Contains(Operator))
        {
            throw new AegisException(VaccineErrors.NeedsOperator);
        }
    }

    private async ValueTask<TenancyKeys> KeysAsync(Principal by, CancellationToken cancel) =>
        await tenants.ResolveAsync(by.Tenancy, cancel)
            ?? throw new InvariantViolationException($"project {by.Tenancy} is gone");

    private void Changed(Principal by)
    {
        changed(by.Tenancy.Tenant);
        factWaits();
    }
}
