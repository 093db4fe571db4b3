using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Review;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Models;

namespace Aegis.Gate;

/// <summary>The profile that a run was started with, parsed once per version: a later edit never changes what
/// a running run may reach.</summary>
public sealed class ProfileShelf(ProfileStore store, TenantDirectory tenants, ModelDoor models)
{
    /// <summary>Parsed profiles kept in memory.</summary>
    public const int KeptMax = 256;

    private readonly ConcurrentDictionary<(TenancyKeys, int), Shelved> kept = new();

    internal async ValueTask<ModelReply> ChatAsync(
        CallContext context, ModelRequest request, decimal? budgetLeftUsd, Func<string, ValueTask> said,
        ModelKeys? keys, CancellationToken cancel)
    {
        var shelved = await OfAsync(context, cancel);
        return await models.ChatAsync(
            shelved.Profile, shelved.Rehearsal, request, budgetLeftUsd, cancel, said, keys);
    }

    /// <summary>The profile of a call's run.</summary>
    internal async ValueTask<Profile> ProfileAsync(CallContext context, CancellationToken cancel) =>
        (await OfAsync(context, cancel)).Profile;

    /// <summary>The models and prices that a run would have.</summary>
    public async ValueTask<ModelSight> SightAsync(Tenancy tenancy, int? version, CancellationToken cancel)
    {
        var shelved = await FindAsync(tenancy, version, cancel);
        return new ModelSight(shelved.Profile, shelved.Rehearsal, models.Catalogue);
    }

    /// <summary>What is wrong with a profile and the files it names, before it is stored.</summary>
    public static IReadOnlyList<Diagnostic> Check(
        string yaml, IReadOnlyDictionary<string, string> files, ModelCatalogue catalogue)
    {
        var parsed = ProfileParser.Parse(yaml, "profile.yaml");
        if (parsed.Value is { } profile && ProfileCheck.Of(profile, catalogue) is { Count: > 0 } wrong)
        {
            return wrong;
        }
        if (parsed.Value?.Rehearsal is not { } name)
        {
            return parsed.Errors;
        }
        return files.TryGetValue(name, out var text)
            ? RehearsalFile.Parse(text, name).Errors
            : [new Diagnostic(parsed.Value.RehearsalAt ?? new SourceSpan("profile.yaml", 1, 1),
            ModelErrors.RehearsalMissing(name).Error)];
    }

    private Task<Shelved> OfAsync(CallContext context, CancellationToken cancel) =>
        PassingFault.RideOutAsync(() => FindAsync(context.Principal.Tenancy, context.ProfileVersion, cancel),
            TimeProvider.System, cancel);

    private async Task<Shelved> FindAsync(Tenancy tenancy, int? version, CancellationToken cancel)
    {
        if (version is not { } wanted)
        {
            return new Shelved(Profile.Empty, null);
        }
        var keys = await tenants.ResolveAsync(tenancy, cancel)
            ?? throw new InvariantViolationException($"project {tenancy} is gone");
        if (kept.TryGetValue((keys, wanted), out var shelved))
        {
            return shelved;
        }
        var stored = await store.OfVersionAsync(keys, wanted, cancel)
            ?? throw new InvariantViolationException($"profile version {wanted} of {tenancy} is gone");
        var profile = ProfileParser.Parse(stored.Yaml, "profile.yaml").Value
            ?? throw new InvariantViolationException($"profile version {wanted} of {tenancy} was valid once");
        var rehearsal = profile.Rehearsal is { } name && stored.Files.TryGetValue(name, out var text)
            ? RehearsalFile.Parse(text, name).Value
            : null;
        if (kept.Count >= KeptMax)
        {
            kept.Clear();
        }
        return kept[(keys, wanted)] = new Shelved(profile, rehearsal);
    }

    private sealed record Shelved(Profile Profile, RehearsalFile? Rehearsal);
}
